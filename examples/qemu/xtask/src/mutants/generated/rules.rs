//! What is changed: one operator, number, condition, method, statement or whole body at a time.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context, Result};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Block, Expr, Lit, ReturnType, Signature, Stmt, UnOp};

/// One change of a source file.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// `FUNCTION: OLD => NEW`, with `#2`, `#3` ... where it is not the first of that name.
    pub name: String,
    pub line: usize,
    pub at: Range<usize>,
    pub new: String,
    /// Whether it stands for a statement, not for an expression.
    pub is_statement: bool,
    /// Whether it is in a `const fn`, which may run in the compiler only.
    pub is_const: bool,
}

/// Every change of a file, in the order of the source.
pub fn changes(source: &str) -> Result<Vec<Change>> {
    let file = syn::parse_file(source).context("not Rust")?;
    let mut finder =
        Finder { source, function: String::new(), is_const: false, changes: Vec::new() };
    finder.visit_file(&file);
    let mut changes = finder.changes;
    number(&mut changes);
    Ok(changes)
}

fn number(changes: &mut [Change]) {
    let mut counts = BTreeMap::new();
    for change in changes {
        let count = counts.entry(change.name.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            change.name += &format!(" #{count}");
        }
    }
}

struct Finder<'a> {
    source: &'a str,
    function: String,
    is_const: bool,
    changes: Vec<Change>,
}

impl Finder<'_> {
    fn text(&self, node: &impl Spanned) -> &str {
        self.source.get(node.span().byte_range()).unwrap_or_default()
    }

    fn replace(&mut self, node: &impl Spanned, new: &str) {
        self.add(node.span().byte_range(), self.text(node).to_string(), new, false);
    }

    fn remove(&mut self, statement: &impl Spanned) {
        self.add(statement.span().byte_range(), self.text(statement).to_string(), "", true);
    }

    fn add(&mut self, at: Range<usize>, old: String, new: &str, is_statement: bool) {
        let line = self.source.get(..at.start).unwrap_or_default().matches('\n').count() + 1;
        let shown = if new.is_empty() { "nothing" } else { new };
        let name = format!("{}: {} => {}", self.function, in_one_line(&old), in_one_line(shown));
        let (is_const, new) = (self.is_const, new.to_string());
        self.changes.push(Change { name, line, at, new, is_statement, is_const });
    }

    fn function(&mut self, signature: &Signature, block: &Block) {
        let outside = std::mem::replace(&mut self.function, signature.ident.to_string());
        self.is_const = signature.constness.is_some();
        let start = block.brace_token.span.open().byte_range().end;
        for value in early_returns(&signature.output, self.source) {
            self.add(start..start, "body".into(), &format!("return {value}"), true);
        }
        self.visit_block(block);
        self.function = outside;
    }

    /// True and false in the place of a condition.
    fn condition(&mut self, condition: &Expr) {
        if !has_let(condition) {
            self.replace(condition, "true");
            self.replace(condition, "false");
        }
    }
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a body can be replaced by.
fn early_returns(output: &ReturnType, source: &str) -> &'static [&'static str] {
    let ReturnType::Type(_, ty) = output else { return &[""] };
    match source.get(ty.span().byte_range()).unwrap_or_default() {
        "bool" => &["true", "false"],
        ty if ty.starts_with("Option<") => &["None"],
        ty if ty.starts_with("Result<()") => &["Ok(())"],
        _ => &[],
    }
}

fn has_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(pair) => has_let(&pair.left) || has_let(&pair.right),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.block);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig, block);
        }
    }

    // Constants and types are fixed when the crate is built; patterns cannot be switched.
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_trait_item_const(&mut self, _: &'ast syn::TraitItemConst) {}
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_pat(&mut self, _: &'ast syn::Pat) {}
    fn visit_generics(&mut self, _: &'ast syn::Generics) {}
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
    fn visit_angle_bracketed_generic_arguments(
        &mut self,
        _: &'ast syn::AngleBracketedGenericArguments,
    ) {
    }

    fn visit_expr_repeat(&mut self, repeat: &'ast syn::ExprRepeat) {
        self.visit_expr(&repeat.expr);
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        match statement {
            Stmt::Expr(expression, Some(_)) if is_removable(expression) => self.remove(expression),
            Stmt::Macro(call) if call.mac.path.is_ident("tri") => self.remove(&call.mac),
            _ => {}
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if call.path.is_ident("tri")
            && let Ok(inner) = call.parse_body::<Expr>()
        {
            <Self as Visit<'_>>::visit_expr(self, &inner);
        }
    }

    fn visit_expr_if(&mut self, branch: &'ast syn::ExprIf) {
        self.condition(&branch.cond);
        visit::visit_expr_if(self, branch);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if let Some((_, guard)) = &arm.guard {
            self.condition(guard);
        }
        visit::visit_arm(self, arm);
    }

    fn visit_expr(&mut self, expression: &'ast Expr) {
        match expression {
            Expr::Binary(pair) if !has_let(expression) => {
                if let Some(operator) = other_operator(&pair.op) {
                    let new = format!(
                        "({}) {operator} {}",
                        self.text(&*pair.left),
                        self.text(&*pair.right)
                    );
                    self.replace(expression, &new);
                }
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_) | UnOp::Neg(_)) => {
                let new = self.text(&*unary.expr).to_string();
                self.replace(expression, &new);
            }
            Expr::Lit(literal) => {
                if let Some(new) = other_literal(&literal.lit, self.text(expression)) {
                    self.replace(expression, &new);
                }
            }
            Expr::Path(path) if path.path.segments.last().is_some_and(|s| s.ident == "ONE") => {
                let new = self.text(expression).replace("ONE", "ZERO");
                self.replace(expression, &new);
            }
            Expr::MethodCall(call) => {
                let receiver = self.text(&*call.receiver);
                let arguments: Vec<_> = call.args.iter().map(|a| self.text(a)).collect();
                if let Some(new) =
                    other_method(receiver, &call.method.to_string(), &arguments.join(", "))
                {
                    self.replace(expression, &new);
                }
            }
            _ => {}
        }
        visit::visit_expr(self, expression);
    }
}

fn is_removable(expression: &Expr) -> bool {
    matches!(
        expression,
        Expr::Assign(_) | Expr::Binary(_) | Expr::Call(_) | Expr::MethodCall(_) | Expr::Try(_)
    )
}

fn other_operator(operator: &BinOp) -> Option<&'static str> {
    Some(match operator {
        BinOp::Add(_) => "-",
        BinOp::Sub(_) => "+",
        BinOp::Mul(_) | BinOp::Rem(_) => "/",
        BinOp::Div(_) => "*",
        BinOp::And(_) => "||",
        BinOp::Or(_) => "&&",
        BinOp::BitXor(_) | BinOp::BitAnd(_) => "|",
        BinOp::BitOr(_) => "&",
        BinOp::Shl(_) => ">>",
        BinOp::Shr(_) => "<<",
        BinOp::Eq(_) => "!=",
        BinOp::Ne(_) => "==",
        BinOp::Lt(_) => "<=",
        BinOp::Le(_) => "<",
        BinOp::Gt(_) => ">=",
        BinOp::Ge(_) => ">",
        BinOp::AddAssign(_) => "-=",
        BinOp::SubAssign(_) => "+=",
        BinOp::MulAssign(_) => "/=",
        BinOp::DivAssign(_) => "*=",
        BinOp::BitXorAssign(_) | BinOp::BitAndAssign(_) => "|=",
        BinOp::BitOrAssign(_) => "&=",
        BinOp::ShlAssign(_) => ">>=",
        BinOp::ShrAssign(_) => "<<=",
        _ => return None,
    })
}

fn other_literal(literal: &Lit, text: &str) -> Option<String> {
    match literal {
        Lit::Int(n) => {
            let value: u64 = n.base10_parse().ok()?;
            Some(format!("{}{}", value.checked_add(1)?, n.suffix()))
        }
        Lit::Float(_) => Some(format!("({text} * 1.01)")),
        Lit::Bool(b) => Some((!b.value).to_string()),
        _ => None,
    }
}

fn other_method(receiver: &str, method: &str, arguments: &str) -> Option<String> {
    let other = match method {
        "min" => "max",
        "max" => "min",
        "any" => "all",
        "all" => "any",
        "saturating_add" | "wrapping_add" => "wrapping_sub",
        "wrapping_sub" => "wrapping_add",
        "wrapping_mul" => "wrapping_add",
        "is_none_or" => "is_some_and",
        "is_some_and" => "is_none_or",
        "is_full" => "is_empty",
        "split_first" => "split_last",
        "rotate_right" => "rotate_left",
        "abs" | "sqrt" | "exp" | "rev" | "flush" => return Some(receiver.to_string()),
        _ => return None,
    };
    Some(format!("{receiver}.{other}({arguments})"))
}

#[cfg(test)]
mod tests {
    use super::changes;

    fn names(source: &str) -> Vec<String> {
        changes(source).unwrap().into_iter().map(|change| change.name).collect()
    }

    #[test]
    fn an_operator_a_number_and_a_body() {
        assert_eq!(
            names("fn f(x: u8) -> bool { x + 1 == 2 }"),
            [
                "f: body => return true",
                "f: body => return false",
                "f: x + 1 == 2 => (x + 1) != 2",
                "f: x + 1 => (x) - 1",
                "f: 1 => 2",
                "f: 2 => 3"
            ]
        );
    }

    #[test]
    fn conditions_and_statements() {
        assert_eq!(
            names("fn f(x: &mut X) { if x.y { g(x); } }"),
            ["f: body => return", "f: x.y => true", "f: x.y => false", "f: g(x) => nothing"]
        );
    }

    #[test]
    fn equal_names_are_numbered() {
        assert_eq!(names("fn f() -> u8 { g(0, 0) }"), ["f: 0 => 1", "f: 0 => 1 #2"]);
    }

    #[test]
    fn what_is_fixed_at_compile_time_stays() {
        let fixed = "const A: [u8; 2] = [1 + 1; 2]; fn f(x: [u8; 2]) -> u8 { let [a, 1] = g::<3>(x); [a; 4] }";
        assert_eq!(names(fixed), [""; 0]);
    }
}
