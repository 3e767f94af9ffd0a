//! A WebAssembly module taken apart, as far as cutting it in two needs it.

use std::collections::HashMap;

use anyhow::{Result, bail, ensure};
use wasmparser::{
    DataKind, ElementItems, ElementKind, Export, FuncType, FunctionBody, Import, Operator, Parser, Payload,
    RefType, TableType, TypeRef,
};

/// The parts of a module; functions, tables and so on are named by their numbers, as in WebAssembly itself.
pub struct Module<'a> {
    pub types: Vec<FuncType>,
    pub imports: Vec<Import<'a>>,
    /// The type of every function, imported ones first.
    pub functions: Vec<u32>,
    pub tables: Vec<TableType>,
    pub memories: Vec<wasmparser::MemoryType>,
    pub globals: Vec<wasmparser::Global<'a>>,
    pub exports: Vec<Export<'a>>,
    pub start: Option<u32>,
    /// The functions in the table that calls go through, by their slots.
    pub slots: HashMap<u32, u32>,
    /// The number of that table.
    pub table: u32,
    /// The bodies of all functions that are not imported.
    pub bodies: Vec<FunctionBody<'a>>,
    /// What the memory holds at first, and where.
    pub data: Vec<(u32, &'a [u8])>,
}

impl<'a> Module<'a> {
    /// Takes a module apart.
    ///
    /// # Errors
    /// When it is not valid, or holds what the Rust compiler does not write.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let mut module = Self {
            types: Vec::new(),
            imports: Vec::new(),
            functions: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            exports: Vec::new(),
            start: None,
            slots: HashMap::new(),
            table: 0,
            bodies: Vec::new(),
            data: Vec::new(),
        };
        for payload in Parser::new(0).parse_all(bytes) {
            module.take(payload?)?;
        }
        let funcref = |table: &TableType| table.element_type == RefType::FUNCREF;
        let tables: Vec<_> = (0_u32..).zip(&module.tables).filter(|(_, table)| funcref(table)).collect();
        ensure!(
            tables.len() == 1 && tables[0].0 == module.table,
            "there is more than one table of functions"
        );
        ensure!(module.memories.len() == 1, "there is not one memory");
        Ok(module)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<()> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section.into_iter_err_on_gc_types() {
                    self.types.push(group?);
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    let TypeRef::Func(function) = import.ty else {
                        bail!("{} is not a function", import.name)
                    };
                    self.functions.push(function);
                    self.imports.push(import);
                }
            }
            Payload::FunctionSection(section) => {
                for function in section {
                    self.functions.push(function?);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    self.tables.push(table?.ty);
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    self.memories.push(memory?);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    self.globals.push(global?);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    self.exports.push(export?);
                }
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(section) => {
                for element in section {
                    self.element(element?)?;
                }
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::DataSection(section) => {
                for data in section {
                    let data = data?;
                    let DataKind::Active { memory_index: 0, offset_expr } = data.kind else {
                        bail!("a data segment that is not active");
                    };
                    self.data.push((constant(&offset_expr)?, data.data));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn element(&mut self, element: wasmparser::Element<'a>) -> Result<()> {
        let ElementKind::Active { table_index, offset_expr } = element.kind else {
            bail!("functions for a table that are not active");
        };
        let ElementItems::Functions(functions) = element.items else { bail!("expressions in a table") };
        self.table = table_index.unwrap_or(0);
        let first = constant(&offset_expr)?;
        for (slot, function) in (first..).zip(functions) {
            // A function may stand in several slots: each must be filled, and any may be called.
            self.slots.insert(slot, function?);
        }
        Ok(())
    }

    /// How many functions come from the page.
    pub fn imported(&self) -> u32 {
        u32::try_from(self.imports.len()).unwrap_or(u32::MAX)
    }

    /// The numbers of the functions that have bodies, with these.
    pub fn defined(&self) -> impl Iterator<Item = (u32, &FunctionBody<'a>)> {
        (self.imported()..).zip(&self.bodies)
    }
}

/// The value of an expression such as the place of a data segment.
fn constant(expression: &wasmparser::ConstExpr) -> Result<u32> {
    match expression.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(value.cast_unsigned()),
        other => bail!("{other:?} where a number belongs"),
    }
}
