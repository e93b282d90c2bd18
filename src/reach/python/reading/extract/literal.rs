//! What can be said of an expression or a string by itself.

use ruff_python_ast::Expr;

/// Bytes of a string that may name something.
const MAX_NAME: usize = 255;

/// Whether a string may name a module, an object, a file, a library or a command.
pub(super) fn may_name(text: &str) -> bool {
    text.len() <= MAX_NAME
        && text.bytes().all(is_name_byte)
        && text.bytes().any(|b| b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80)
        && !text.contains("://")
}

/// Bytes of names and paths; what else may stand in a path is too rare beside what it lets in.
pub(super) fn is_name_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"_./:-+@~*$".contains(&b) || b >= 0x80
}

/// Whether a string is a Python identifier (keywords count).
pub(super) fn is_identifier(text: &str) -> bool {
    !text.as_bytes().first().is_none_or(u8::is_ascii_digit)
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80)
}

/// Whether a string is a dotted name of identifiers.
pub(super) fn is_dotted(text: &str) -> bool {
    text.split('.').all(is_identifier)
}

/// Whether an expression is this name.
pub(super) fn is_name(expr: &Expr, name: &str) -> bool {
    expr.as_name_expr().is_some_and(|e| e.id.as_str() == name)
}

/// Whether an expression can be nothing but a string.
pub(super) fn is_string(expr: &Expr) -> bool {
    matches!(expr, Expr::StringLiteral(_) | Expr::FString(_))
}

/// Whether a value is a list or tuple of string constants.
pub(super) fn is_list_of_strings(value: &Expr) -> bool {
    let elements = match value {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        _ => return false,
    };
    elements.iter().all(Expr::is_string_literal_expr)
}
