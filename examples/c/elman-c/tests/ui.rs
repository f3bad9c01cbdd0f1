//! A network whose header is that of another one does not compile.

#[test]
fn headers() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/right_header.rs");
    cases.compile_fail("tests/ui/other_network.rs");
}
