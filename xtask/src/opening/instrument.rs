//! An engine that notes which of its code runs, and which of its constants are read.

use anyhow::{Result, anyhow, ensure};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    BlockType, CodeSection, Function, FunctionSection, Instruction, MemArg, TypeSection, ValType,
};
use wasmparser::{FunctionBody, Operator};

/// The notes are in the engine's memory from its first byte on. There the stack would end, which grows downwards from
/// its first mebibyte and is never that full. First comes a byte for each place in the code: so many there may be.
const PLACES: u32 = 1 << 19;

/// Then a byte for each byte of the constants, which begin here.
const CONSTANTS: u32 = 1 << 20;

/// So many bytes of constants there may be.
const READS: u32 = 1 << 18;

/// What an engine noted.
pub struct Notes<'a> {
    /// For each place in the code whether it was reached.
    pub places: &'a [u8],
    reads: &'a [u8],
}

impl<'a> Notes<'a> {
    /// Reads the notes as they are in the engine's memory.
    ///
    /// # Errors
    /// When something else has been written there.
    pub fn read(memory: &'a [u8]) -> Result<Self> {
        let (places, reads) = memory.split_at_checked(PLACES as usize).unwrap_or((memory, &[]));
        ensure!(reads.len() == READS as usize, "there are {} bytes of notes", memory.len());
        ensure!(memory.iter().all(|note| *note <= 1), "the engine's stack has grown over the notes");
        Ok(Self { places, reads })
    }

    /// The addresses that were read among the constants.
    pub fn addresses(&self) -> impl Iterator<Item = u32> {
        (CONSTANTS..).zip(self.reads).filter(|(_, read)| **read == 1).map(|(address, _)| address)
    }
}

/// Whether code that may not run begins after an instruction; so it does where a function begins.
pub fn is_place(operator: &Operator) -> bool {
    matches!(operator, Operator::If { .. } | Operator::Else | Operator::End | Operator::BrIf { .. })
}

/// The engine `bytes`, which writes 1 into the byte of each place that it comes to, and of what it reads.
///
/// # Errors
/// When `bytes` is no module, or has too many places.
pub fn instrument(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut module = wasm_encoder::Module::new();
    let engine = super::module::Module::parse(bytes)?;
    let (types, functions) = (u32::try_from(engine.types.len())?, u32::try_from(engine.functions.len())?);
    let mut noting = Noting { engine: &engine, types, functions, place: 0, function: engine.imports.len() };
    let parser = wasmparser::Parser::new(0);
    noting.parse_core_module(&mut module, parser, bytes).map_err(|error| anyhow!("{error}"))?;
    ensure!(noting.place <= PLACES, "the engine has {} places, which is too many", noting.place);
    Ok(module.finish())
}

struct Noting<'a> {
    engine: &'a super::module::Module<'a>,
    /// How many types and functions the engine has; the note of an address is one more of both.
    types: u32,
    functions: u32,
    place: u32,
    /// The number of the next function.
    function: usize,
}

const BYTE: MemArg = MemArg { offset: 0, align: 0, memory_index: 0 };

impl Noting<'_> {
    fn note_place(&mut self, function: &mut Function) {
        function.instruction(&Instruction::I32Const(self.place.cast_signed()));
        function.instruction(&Instruction::I32Const(1));
        function.instruction(&Instruction::I32Store8(BYTE));
        self.place += 1;
    }

    /// Notes the address in a variable, plus `offset`.
    fn note_address(&self, function: &mut Function, address: u32, offset: u32) {
        function.instruction(&Instruction::LocalGet(address));
        function.instruction(&Instruction::I32Const(offset.cast_signed()));
        function.instruction(&Instruction::I32Add);
        function.instruction(&Instruction::Call(self.functions));
    }
}

type Reencoded = Result<(), reencode::Error>;

impl Reencode for Noting<'_> {
    type Error = std::convert::Infallible;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Reencoded {
        reencode::utils::parse_type_section(self, types, section)?;
        types.ty().function([ValType::I32], []);
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Reencoded {
        reencode::utils::parse_function_section(self, functions, section)?;
        functions.function(self.types);
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Reencoded {
        let ty = self.engine.functions[self.function] as usize;
        self.function += 1;
        let mut locals = Vec::new();
        let mut address = u32::try_from(self.engine.types[ty].params().len()).unwrap_or(u32::MAX);
        for local in body.get_locals_reader()? {
            let (count, ty) = local?;
            address += count;
            locals.push((count, self.val_type(ty)?));
        }
        locals.push((2, ValType::I32));
        let mut function = Function::new(locals);
        self.note_place(&mut function);
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            let operator = reader.read()?;
            let place = is_place(&operator) && !reader.eof();
            if let Some(offset) = reads(&operator) {
                function.instruction(&Instruction::LocalTee(address));
                self.note_address(&mut function, address, offset);
            } else if let Operator::MemoryCopy { .. } = operator {
                function.instruction(&Instruction::LocalSet(address + 1));
                function.instruction(&Instruction::LocalTee(address));
                self.note_address(&mut function, address, 0);
                function.instruction(&Instruction::LocalGet(address + 1));
            }
            function.instruction(&self.instruction(operator)?);
            if place {
                self.note_place(&mut function);
            }
        }
        code.function(&function);
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: wasmparser::CodeSectionReader<'_>,
    ) -> Reencoded {
        reencode::utils::parse_code_section(self, code, section)?;
        let mut note = Function::new([]);
        for instruction in [
            Instruction::LocalGet(0),
            Instruction::I32Const(CONSTANTS.cast_signed()),
            Instruction::I32Sub,
            Instruction::LocalTee(0),
            Instruction::I32Const(READS.cast_signed()),
            Instruction::I32LtU,
            Instruction::If(BlockType::Empty),
            Instruction::LocalGet(0),
            Instruction::I32Const(1),
            Instruction::I32Store8(MemArg { offset: u64::from(PLACES), ..BYTE }),
            Instruction::End,
            Instruction::End,
        ] {
            note.instruction(&instruction);
        }
        code.function(&note);
        Ok(())
    }
}

/// The offset from the address on the stack at which an instruction reads.
fn reads(operator: &Operator) -> Option<u32> {
    match operator {
        Operator::I32Load { memarg }
        | Operator::I64Load { memarg }
        | Operator::F32Load { memarg }
        | Operator::F64Load { memarg }
        | Operator::I32Load8S { memarg }
        | Operator::I32Load8U { memarg }
        | Operator::I32Load16S { memarg }
        | Operator::I32Load16U { memarg }
        | Operator::I64Load8S { memarg }
        | Operator::I64Load8U { memarg }
        | Operator::I64Load16S { memarg }
        | Operator::I64Load16U { memarg }
        | Operator::I64Load32S { memarg }
        | Operator::I64Load32U { memarg }
        | Operator::V128Load { memarg }
        | Operator::V128Load64Splat { memarg }
        | Operator::V128Load64Zero { memarg } => u32::try_from(memarg.offset).ok(),
        _ => None,
    }
}
