//! Every bit of a few runs in one number each, to hold a browser against a native run.

use unrolled::session::Session;

/// Links, and what [`of`] says of them.
pub const RUNS: [(&str, u64); 4] = [
    ("", 0xb206_1312_3a55_b6ff),
    ("rho=1.6&act=relu&T=100&H=32&lanes=rnn,lstm,gru~reset:after", 0xb2f1_b6c0_ccd1_a1f8),
    ("data=sunspots&shape=many-to-many&init=orthogonal&T=60", 0x0978_40bf_c4b2_c84f),
    ("precision=f32&init=identity&data=recall&rho=2", 0xdb09_e7be_273a_c43a),
];

/// Experiment files of the shapes that speak by themselves, and what [`hash`] says of their traces.
pub const FILES: [(&str, u64); 4] = [
    (
        r#"{"format": "unrolled/1", "model": {"cell": "gru", "inputs": 2, "hidden": 5, "outputs": 3, "layers": 2,
            "bidirectional": true, "layer_norm": true, "shape": "one-to-many",
            "init": {"scheme": "orthogonal", "seed": 3}},
            "loss": "cross-entropy", "x": [[0.3, -1.2]], "target": [0, 2, 1, 1, 0, 2]}"#,
        0x36e8_30db_b552_dc62,
    ),
    (
        r#"{"format": "unrolled/1", "model": {"cell": "lstm", "inputs": 2, "hidden": 6, "outputs": 2,
            "shape": "one-to-many", "feedback": true, "init": {"scheme": "glorot", "seed": 4, "rho": 1.5}},
            "teaching": false, "loss": "squared-error", "x": [[0.7, 0.1]],
            "target": [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6], [-0.7, 0.8], [0.9, 1]]}"#,
        0xd00c_58c6_5935_1ee0,
    ),
    (
        r#"{"format": "unrolled/1", "precision": "f32", "model": {"cell": "rnn", "inputs": 1, "hidden": 4,
            "outputs": 3, "layers": 2, "bidirectional": true, "shape": "encoder-decoder",
            "init": {"scheme": "identity", "seed": 5}},
            "loss": "cross-entropy", "x": [[0.5], [-0.25], [1], [0.1]], "target": [2, 0, 1]}"#,
        0xeff3_d6af_ddf6_a16d,
    ),
    (
        r#"{"format": "unrolled/1", "model": {"cell": "lstm", "inputs": 2, "hidden": 4, "outputs": 2, "layers": 3,
            "shape": "encoder-decoder", "init": {"scheme": "he", "seed": 6, "forget_bias": 1}},
            "teaching": false, "loss": "squared-error", "x": [[0.5, 1], [-0.25, 0], [1, 0.2]],
            "target": [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6], [-0.7, 0.8], [0.9, 1]]}"#,
        0x700a_f50e_d9e6_c2a1,
    ),
];

/// FNV-1a over the trace files of all lanes, which hold every number to the last bit.
pub fn of(session: &Session) -> u64 {
    let files = (0..).map_while(|lane| session.trace_file(lane).ok());
    hash(&files.collect::<String>())
}

/// FNV-1a.
pub fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}
