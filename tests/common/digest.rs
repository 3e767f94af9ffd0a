//! Every bit of a few runs in one number each, to hold a browser against a native run.

use unrolled::session::Session;

/// Links, and what [`of`] says of them.
pub const RUNS: [(&str, u64); 4] = [
    ("", 0xd917_40a6_8182_3e7f),
    ("rho=1.6&act=relu&T=100&H=32&lanes=rnn,lstm,gru~reset:after", 0xb01e_8da0_bb4a_6229),
    ("data=sunspots&shape=many-to-many&init=orthogonal&T=60", 0xb423_7c53_24aa_f7b7),
    ("precision=f32&init=identity&data=recall&rho=2", 0x9736_cb8d_9d5b_d24a),
];

/// FNV-1a over the trace files of all lanes, which hold every number to the last bit.
pub fn of(session: &Session) -> u64 {
    (0..)
        .map_while(|lane| session.trace_file(lane).ok())
        .flat_map(String::into_bytes)
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}
