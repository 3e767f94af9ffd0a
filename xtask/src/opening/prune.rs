//! Leaves out of one function what did not run.

use anyhow::Result;
use wasmparser::{FunctionBody, Operator};

use super::instrument::is_place;

/// An instruction, and whether the code after it ran where that is a place.
type Noted<'a> = (Operator<'a>, bool);

/// What is left of a function; nothing if it does not run. `place` counts the places that `notes` speak of.
///
/// # Errors
/// When the function is not valid.
pub fn prune<'a>(
    body: &FunctionBody<'a>,
    notes: &[u8],
    place: &mut usize,
) -> Result<Option<Vec<Operator<'a>>>> {
    let mut next = || {
        let ran = notes.get(*place).is_some_and(|note| *note == 1);
        *place += 1;
        ran
    };
    let entered = next();
    let mut code: Vec<Noted> = Vec::new();
    let mut reader = body.get_operators_reader()?;
    while !reader.eof() {
        let operator = reader.read()?;
        let ran = is_place(&operator) && (reader.eof() || next());
        code.push((operator, ran));
    }
    Ok(entered.then(|| left(&code)))
}

fn left<'a>(code: &[Noted<'a>]) -> Vec<Operator<'a>> {
    let ends = ends(code);
    let mut left = Vec::new();
    let mut runs = true;
    // How many blocks are open that are left out, and where those that are not begin.
    let mut skipped = 0_u32;
    let mut open: Vec<usize> = Vec::new();
    for (at, (operator, ran)) in code.iter().enumerate() {
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } if !runs => skipped += 1,
            Operator::Else if skipped > 0 => {}
            Operator::End if skipped > 0 => skipped -= 1,
            Operator::BrIf { relative_depth } if runs => {
                let target = open.iter().rev().nth(*relative_depth as usize).map(|begin| ends[*begin]);
                if target.is_some_and(|end| !code[end].1 && panics(&code[end + 1..])) {
                    drop_value(&mut left);
                    runs = *ran;
                } else if !ran && panics(&code[at + 1..]) {
                    drop_value(&mut left);
                    left.push(Operator::Br { relative_depth: *relative_depth });
                    runs = false;
                    continue;
                } else {
                    left.push(operator.clone());
                    runs = *ran;
                }
                left.extend((!runs).then_some(Operator::Unreachable));
            }
            Operator::Else | Operator::End => {
                if let Operator::End = operator {
                    open.pop();
                }
                left.push(operator.clone());
                runs = *ran;
                left.extend((!runs).then_some(Operator::Unreachable));
            }
            operator if runs => {
                left.push(operator.clone());
                match operator {
                    Operator::Block { .. } | Operator::Loop { .. } => open.push(at),
                    Operator::If { .. } => {
                        open.push(at);
                        runs = *ran;
                        left.extend((!runs).then_some(Operator::Unreachable));
                    }
                    _ => runs = !leaves(operator),
                }
            }
            _ => {}
        }
    }
    left
}

/// For each instruction that begins a block, where the block ends, if branches to it lead there.
fn ends(code: &[Noted]) -> Vec<usize> {
    let mut ends = vec![0; code.len()];
    let mut open = Vec::new();
    for (at, (operator, _)) in code.iter().enumerate() {
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => open.push(at),
            Operator::End => {
                if let Some(begin) = open.pop() {
                    // A branch to a loop leads to its beginning, which runs.
                    ends[begin] = if let Operator::Loop { .. } = code[begin].0 { begin } else { at };
                }
            }
            _ => {}
        }
    }
    ends
}

/// Whether code does nothing but panic: it goes straight on to a trap.
fn panics(code: &[Noted]) -> bool {
    for (operator, _) in code {
        match operator {
            Operator::Unreachable => return true,
            Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Else
            | Operator::End
            | Operator::BrIf { .. } => return false,
            operator if leaves(operator) => return false,
            _ => {}
        }
    }
    false
}

/// Whether what follows an instruction is never reached from it.
pub fn leaves(operator: &Operator) -> bool {
    matches!(
        operator,
        Operator::Br { .. } | Operator::BrTable { .. } | Operator::Return | Operator::Unreachable
    )
}

/// Takes the last value away again: the instructions that made it, where they do nothing else.
fn drop_value(code: &mut Vec<Operator>) {
    match code.last() {
        Some(Operator::LocalGet { .. } | Operator::I32Const { .. } | Operator::I64Const { .. }) => {
            code.pop();
        }
        Some(Operator::LocalTee { local_index }) => {
            let local_index = *local_index;
            code.pop();
            code.push(Operator::LocalSet { local_index });
        }
        Some(
            Operator::I32Eqz
            | Operator::I64Eqz
            | Operator::I32WrapI64
            | Operator::I64ExtendI32U
            | Operator::I32Load { .. }
            | Operator::I32Load8U { .. }
            | Operator::I64Load { .. },
        ) => {
            code.pop();
            drop_value(code);
        }
        Some(
            Operator::I32Eq
            | Operator::I32Ne
            | Operator::I32LtS
            | Operator::I32LtU
            | Operator::I32GtS
            | Operator::I32GtU
            | Operator::I32LeS
            | Operator::I32LeU
            | Operator::I32GeS
            | Operator::I32GeU
            | Operator::I64Eq
            | Operator::I64Ne
            | Operator::I64LtU
            | Operator::I64GtU
            | Operator::I64LeU
            | Operator::I64GeU
            | Operator::I32Add
            | Operator::I32Sub
            | Operator::I32And
            | Operator::I32Or
            | Operator::I32Shl
            | Operator::I32ShrU,
        ) => {
            code.pop();
            drop_value(code);
            drop_value(code);
        }
        _ => code.push(Operator::Drop),
    }
}
