//! Leaves out of an engine what does not run before the first picture.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use anyhow::{Context as _, Result, bail};
use wasm_encoder::reencode::{self, Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, ImportSection, Instruction, MemorySection, StartSection, TableSection,
    TypeSection,
};
use wasmparser::{ExternalKind, FunctionBody, Operator};

use super::instrument::Notes;
use super::module::Module;
use super::objects::{self, Objects};
use super::prune::{self, leaves};

/// The engine without the code that did not run where `notes` were taken, and without the constants that the remaining
/// code cannot reach. What runs all the same is a trap.
///
/// # Errors
/// When the engine holds what the Rust compiler does not write.
pub fn opening(module: &Module, notes: &Notes, objects: &Objects) -> Result<Vec<u8>> {
    let (kept, bodies) = live(module, notes.places)?;
    let mut types = Types::default();
    let mut rewriting = Rewriting { types: &mut types, functions: number(&kept), numbers: BTreeSet::new() };
    let mut imports = ImportSection::new();
    for (import, function) in module.imports.iter().zip(0..) {
        if kept.contains(&function) {
            let ty = rewriting.types.number(module.functions[function as usize]);
            imports.import(import.module, import.name, wasm_encoder::EntityType::Function(ty));
        }
    }
    let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
    for (function, operators) in &bodies {
        functions.function(rewriting.types.number(module.functions[*function as usize]));
        let body = &module.bodies[(*function - module.imported()) as usize];
        let body = rewriting.body(body, operators).with_context(|| format!("function {function}"))?;
        code.function(&body);
    }
    let mut numbers = std::mem::take(&mut rewriting.numbers);
    // A loop may count from an address before that of its table: what was read is reached, too.
    numbers.extend(notes.addresses());
    let map = rewriting.functions;

    let mut section = TypeSection::new();
    for ty in &types.used {
        section.ty().func_type(&RoundtripReencoder.func_type(module.types[*ty as usize].clone())?);
    }
    let mut out = wasm_encoder::Module::new();
    out.section(&section).section(&imports).section(&functions);
    let r = &mut RoundtripReencoder;
    let (mut tables, mut memories, mut globals) =
        (TableSection::new(), MemorySection::new(), GlobalSection::new());
    for table in &module.tables {
        tables.table(r.table_type(*table)?);
    }
    for memory in &module.memories {
        memories.memory(r.memory_type(*memory)?);
    }
    for global in &module.globals {
        globals.global(r.global_type(global.ty)?, &r.const_expr(global.init_expr.clone())?);
    }
    let mut exports = ExportSection::new();
    for export in &module.exports {
        let index = match export.kind {
            ExternalKind::Func => map.get(&export.index).copied(),
            _ => Some(export.index),
        };
        if let Some(index) = index {
            exports.export(export.name, ExportKind::from(export.kind), index);
        }
    }
    out.section(&tables).section(&memories).section(&globals).section(&exports);
    if let Some(start) = module.start.and_then(|start| map.get(&start)) {
        out.section(&StartSection { function_index: *start });
    }
    out.section(&slots(module, &map)).section(&code);
    out.section(&image(module, objects, &objects.reached(&numbers, &module.data)));
    Ok(out.finish())
}

type Bodies<'a> = Vec<(u32, Vec<Operator<'a>>)>;

/// The functions that run or are imported by one that does, and what is left of those with a body.
fn live<'a>(module: &Module<'a>, notes: &[u8]) -> Result<(BTreeSet<u32>, Bodies<'a>)> {
    let (mut kept, mut bodies) = (BTreeSet::new(), Vec::new());
    let mut place = 0;
    for (function, body) in module.defined() {
        let left = prune::prune(body, notes, &mut place)?;
        if let Some(left) = left {
            for operator in &left {
                if let Operator::Call { function_index } = operator {
                    kept.insert(*function_index);
                }
            }
            kept.insert(function);
            bodies.push((function, left));
        }
    }
    // The table and the page can call what is imported, too; what does not run is not called.
    let run: BTreeSet<u32> = bodies.iter().map(|(function, _)| *function).collect();
    kept.retain(|function| *function < module.imported() || run.contains(function));
    let exported = module.exports.iter().filter(|export| export.kind == ExternalKind::Func).map(|e| &e.index);
    kept.extend(module.slots.values().chain(exported).filter(|function| **function < module.imported()));
    Ok((kept, bodies))
}

/// New numbers, in the old order.
fn number(kept: &BTreeSet<u32>) -> HashMap<u32, u32> {
    kept.iter().copied().zip(0..).collect()
}

/// The slots of the table whose functions are kept.
fn slots(module: &Module, functions: &HashMap<u32, u32>) -> ElementSection {
    let mut section = ElementSection::new();
    let mut runs: Vec<(u32, Vec<u32>)> = Vec::new();
    for (slot, function) in module.slots.iter().collect::<BTreeMap<_, _>>() {
        let Some(function) = functions.get(function) else { continue };
        match runs.last_mut() {
            Some((first, run)) if *first as usize + run.len() == *slot as usize => run.push(*function),
            _ => runs.push((*slot, vec![*function])),
        }
    }
    for (first, run) in runs {
        let table = (module.table != 0).then_some(module.table);
        section.active(
            table,
            &ConstExpr::i32_const(first.cast_signed()),
            Elements::Functions(Cow::Owned(run)),
        );
    }
    section
}

/// What the memory holds at first, without the constants that are not reached.
fn image(module: &Module, objects: &Objects, reached: &[Range<u32>]) -> DataSection {
    let mut section = DataSection::new();
    for (at, bytes) in &module.data {
        let end = at + u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let mut bytes = bytes.to_vec();
        for object in objects.all() {
            if (*at..end).contains(&object.start)
                && reached.binary_search_by_key(&object.start, |r| r.start).is_err()
            {
                bytes[(object.start - at) as usize..(object.end - at) as usize].fill(0);
            }
        }
        for piece in objects::pieces(&bytes) {
            let start = at + u32::try_from(piece.start).unwrap_or(u32::MAX);
            section.active(0, &ConstExpr::i32_const(start.cast_signed()), bytes[piece].iter().copied());
        }
    }
    section
}

/// The types that are used, by their new numbers.
#[derive(Default)]
struct Types {
    used: Vec<u32>,
    numbers: HashMap<u32, u32>,
}

impl Types {
    fn number(&mut self, ty: u32) -> u32 {
        *self.numbers.entry(ty).or_insert_with(|| {
            self.used.push(ty);
            u32::try_from(self.used.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

/// Writes functions with the new numbers of everything.
struct Rewriting<'a> {
    types: &'a mut Types,
    functions: HashMap<u32, u32>,
    /// All numbers in the code that may be addresses.
    numbers: BTreeSet<u32>,
}

impl Rewriting<'_> {
    fn body(&mut self, body: &FunctionBody, operators: &[Operator]) -> Result<Function> {
        let mut function = self.new_function_with_parsed_locals(body)?;
        let targets = targets(operators);
        let mut next = 0;
        // For each open block whether it is written: one that nothing branches to any more is not.
        let mut open = vec![true];
        let mut dead = false;
        for operator in operators {
            let depth = |old: u32| {
                let inner = open.iter().rev().take(old as usize);
                u32::try_from(inner.filter(|written| **written).count()).unwrap_or(u32::MAX)
            };
            let instruction = match operator {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                    open.push(targets.contains(&next) || matches!(operator, Operator::If { .. }));
                    next += 1;
                    if open.last() == Some(&false) {
                        continue;
                    }
                    self.instruction(operator.clone())?
                }
                Operator::End => match open.pop() {
                    Some(false) => continue,
                    _ => Instruction::End,
                },
                Operator::Unreachable if dead => continue,
                Operator::Br { relative_depth } => Instruction::Br(depth(*relative_depth)),
                Operator::BrIf { relative_depth } => Instruction::BrIf(depth(*relative_depth)),
                Operator::BrTable { targets } => {
                    let to =
                        targets.targets().map(|target| Ok(depth(target?))).collect::<Result<Vec<u32>>>()?;
                    Instruction::BrTable(to.into(), depth(targets.default()))
                }
                Operator::Call { function_index } if !self.functions.contains_key(function_index) => {
                    Instruction::Unreachable
                }
                Operator::RefFunc { .. } => bail!("the address of a function is taken"),
                operator => {
                    if let Operator::I32Const { value } = operator {
                        self.numbers.insert(value.cast_unsigned());
                    }
                    self.instruction(operator.clone())?
                }
            };
            dead = leaves(operator);
            function.instruction(&instruction);
        }
        Ok(function)
    }
}

/// The blocks that something branches to, by their order in the function.
fn targets(operators: &[Operator]) -> BTreeSet<u32> {
    let (mut targets, mut open, mut next) = (BTreeSet::new(), Vec::new(), 0);
    for operator in operators {
        let mut target = |depth: u32| {
            // Beyond the outermost block is the function itself.
            targets.extend(open.iter().rev().nth(depth as usize));
        };
        match operator {
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => target(*relative_depth),
            Operator::BrTable { targets } => {
                targets.targets().chain([Ok(targets.default())]).flatten().for_each(target);
            }
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                open.push(next);
                next += 1;
            }
            Operator::End => {
                open.pop();
            }
            _ => {}
        }
    }
    targets
}

impl Reencode for Rewriting<'_> {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error> {
        Ok(self.functions.get(&function).copied().unwrap_or(u32::MAX))
    }

    fn type_index(&mut self, ty: u32) -> Result<u32, reencode::Error> {
        Ok(self.types.number(ty))
    }

    fn mem_arg(&mut self, arg: wasmparser::MemArg) -> Result<wasm_encoder::MemArg, reencode::Error> {
        self.numbers.extend(u32::try_from(arg.offset));
        reencode::utils::mem_arg(self, arg)
    }
}
