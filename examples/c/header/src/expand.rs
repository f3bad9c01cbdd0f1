//! `export!` expanded: the macro's text with the names of one network, as plain items.

use anyhow::{Context, Result, bail, ensure};
use proc_macro2::{Delimiter, Group, Ident, Literal, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::parse::ParseStream;
use syn::{Item, ItemConst, ItemFn, ItemMacro, ItemType, Macro, Token, Type};

use crate::measure::Sizes;

/// The items of a network that C sees, each under its name in C.
pub fn plain_items(macros: &str, package: &str, name: &str, sizes: &Sizes) -> Result<TokenStream> {
    let scalar = scalar(package, name)?;
    let body = substitute(body(macros)?, &|metavariable| match metavariable {
        "name" => Some(ident(name).into_token_stream()),
        "Scalar" => Some(scalar.clone()),
        "crate" => Some(quote!(elman_c)),
        "Trainer" | "settings" | "header" => Some(quote!(())),
        _ => None,
    })?;
    let items = syn::parse2::<syn::ItemMod>(body)?.content.context("a module without items")?.1;
    let plain = items.into_iter().filter_map(|item| plain(item, name, sizes).transpose());
    let plain = plain.collect::<Result<TokenStream>>()?;
    let bytes = bytes(sizes);
    Ok(rename(quote!(#bytes #plain), name))
}

fn ident(name: &str) -> Ident {
    format_ident!("{name}")
}

/// The text between the braces behind the only `=>` of `macro_rules! export`.
fn body(macros: &str) -> Result<TokenStream> {
    let items = syn::parse_file(macros)?.items;
    let is_export = |item: &&ItemMacro| item.ident.as_ref().is_some_and(|name| name == "export");
    let mut rules = items.iter().filter_map(as_macro).filter(is_export);
    let rule = rules.next().context("no macro `export`")?.mac.tokens.clone();
    let mut braces = rule.into_iter().filter_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        _ => None,
    });
    let body = braces.next().context("`export` has no body")?;
    ensure!(braces.next().is_none(), "`export` has several rules");
    Ok(body)
}

const fn as_macro(item: &Item) -> Option<&ItemMacro> {
    if let Item::Macro(item) = item { Some(item) } else { None }
}

/// The scalar of `export!(name: Trainer, Scalar, …)` in a package.
fn scalar(package: &str, name: &str) -> Result<TokenStream> {
    let items = syn::parse_file(package)?.items;
    let mut calls = items.iter().filter_map(as_macro).map(|item| &item.mac);
    let call = calls.find(|call| is_export(call, name));
    let call = call.with_context(|| format!("no `export!({name}: …)`"))?;
    Ok(call.parse_body_with(second_type)?.into_token_stream())
}

fn is_export(call: &Macro, name: &str) -> bool {
    let first = call.tokens.clone().into_iter().next();
    call.path.segments.last().is_some_and(|last| last.ident == "export")
        && first.is_some_and(|first| first.to_string() == name)
}

/// Of `name: First, Second, …`.
fn second_type(input: ParseStream<'_>) -> syn::Result<Type> {
    input.parse::<Ident>()?;
    input.parse::<Token![:]>()?;
    input.parse::<Type>()?;
    input.parse::<Token![,]>()?;
    let second = input.parse()?;
    input.parse::<TokenStream>()?;
    Ok(second)
}

/// `$x` replaced everywhere.
fn substitute(
    tokens: TokenStream,
    value: &impl Fn(&str) -> Option<TokenStream>,
) -> Result<TokenStream> {
    let mut out = TokenStream::new();
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(dollar) if dollar.as_char() == '$' => {
                let name = tokens.next().context("a lonely $")?.to_string();
                out.extend(value(&name).with_context(|| format!("what is ${name}?"))?);
            }
            TokenTree::Group(group) => {
                let inner = substitute(group.stream(), value)?;
                out.extend([TokenTree::from(Group::new(group.delimiter(), inner))]);
            }
            other => out.extend([other]),
        }
    }
    Ok(out)
}

/// What cbindgen is to see of an item.
fn plain(item: Item, name: &str, sizes: &Sizes) -> Result<Option<TokenStream>> {
    Ok(match item {
        Item::Const(item) if item.ident != "_" => Some(constant(&item, sizes)?),
        Item::Type(ItemType { attrs, ident, .. }) if ident == "Memory" => Some(quote! {
            #(#attrs)* #[repr(C, align(8))] pub struct Memory { memory: [u8; BYTES] }
        }),
        Item::Struct(item) => Some(item.into_token_stream()),
        Item::Fn(item) => Some(function(item, name)),
        _ => None,
    })
}

fn bytes(Sizes { bytes_32, bytes_64, .. }: &Sizes) -> TokenStream {
    let [bytes_32, bytes_64] = [bytes_32, bytes_64].map(|n| Literal::u32_unsuffixed(*n));
    quote! {
        /// The bytes of a network on cores with 32-bit pointers.
        pub const BYTES_32: usize = #bytes_32;
        /// The bytes of a network on cores with 64-bit pointers.
        pub const BYTES_64: usize = #bytes_64;
    }
}

/// A constant with its value.
fn constant(ItemConst { attrs, ident, .. }: &ItemConst, sizes: &Sizes) -> Result<TokenStream> {
    let others = sizes.others;
    let value = match &*ident.to_string() {
        "INPUTS" => others.inputs,
        "OUTPUTS" => others.outputs,
        "WEIGHTS" => others.weights,
        "CHECKPOINT_BYTES" => others.checkpoint_bytes,
        "MACS" => others.macs,
        other => bail!("what is the value of {other}?"),
    };
    let value = Literal::u32_unsuffixed(value);
    Ok(quote!(#(#attrs)* pub const #ident: usize = #value;))
}

/// A function's declaration, as one that is exported under its own name.
fn function(mut item: ItemFn, name: &str) -> TokenStream {
    item.attrs.retain(|attribute| attribute.path().is_ident("doc"));
    item.sig.ident = format_ident!("{name}_{}", item.sig.ident);
    item.block.stmts.clear();
    quote!(#[unsafe(no_mangle)] #item)
}

/// The names of the module's constants and types, as C has them.
fn rename(tokens: TokenStream, name: &str) -> TokenStream {
    tokens.into_iter().map(|token| rename_one(token, name)).collect()
}

fn rename_one(token: TokenTree, name: &str) -> TokenTree {
    match token {
        TokenTree::Group(group) => {
            Group::new(group.delimiter(), rename(group.stream(), name)).into()
        }
        TokenTree::Ident(word) if word == "Memory" => ident(name).into(),
        TokenTree::Ident(word) if word == "Input" || word == "Output" => {
            format_ident!("{name}_{}", word.to_string().to_lowercase()).into()
        }
        TokenTree::Ident(word) if is_constant(&word) => {
            format_ident!("{}_{word}", name.to_uppercase()).into()
        }
        other => other,
    }
}

fn is_constant(word: &Ident) -> bool {
    let word = word.to_string();
    word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}
