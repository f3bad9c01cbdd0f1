//! The model against counts of networks that it was not fitted to.

use crate::counts::Count;
use crate::model::Model;
use crate::slices::cut;

#[test]
fn explore() {
    let counts = Count::all().unwrap();
    let mut boards: Vec<_> = counts.iter().map(|c| c.board.clone()).collect();
    boards.dedup();
    for board in boards {
        let model = Model::fit(&counts, &board).unwrap();
        for c in counts.iter().filter(|c| c.board == board && c.k1.is_some()) {
            let t = c.training().unwrap();
            let s = cut(&model.phases(&t), c.macs.unwrap());
            let e = |m: f64, v: Option<f64>| format!("{:6.1}", 100.0 * (m / v.unwrap() - 1.0));
            let st = model.stack(&t);
            println!("{board:15} {:5} {:22} {:?} {} {} step {} obs {} mean {} pause {} | s.obs {} longest {} total {} | stack {} {} {} | bytes {} {}",
                if c.is_fitted() {"fit"} else {"CHECK"}, t.network.to_string(), t.optimizer, t.k1, t.k2,
                e(model.step(&t.network), c.step), e(model.sample(&t.network), c.observe), e(model.mean(&t), c.mean), e(model.pause(&t), c.pause),
                e(model.sliced_sample(&t.network), c.sliced_observe), e(s.longest, c.longest), e(s.total, c.total),
                e(st[0], c.run_stack), e(st[1], c.train_stack), e(st[2], c.sliced_stack), t.trainer(4) as isize - c.trainer_bytes.unwrap() as isize, t.sliced(4) as isize - c.sliced_bytes.unwrap() as isize);
        }
    }
}
