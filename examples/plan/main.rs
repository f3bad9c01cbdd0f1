mod network; mod optimizer; mod ram; mod features; mod fit; mod counts; mod cores; mod chips; mod model; mod slices; mod estimate;
fn main() {}
#[cfg(test)] mod tests;
