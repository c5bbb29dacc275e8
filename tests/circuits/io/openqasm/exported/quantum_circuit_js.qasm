OPENQASM 2.0;
include "qelib1.inc";
gate iswap_ a, b { s a; s b; h a; cx a, b; cx b, a; h b; }
qreg q[3];
creg c[1];
rx (pi / 3) q[0];
ry (-pi/2 + 0.3) q[1];
crz (pi) q[1], q[0];
crx (pi/5) q[0], q[2];
cry (0.6) q[2], q[1];
cu3 (0.1, 0.2, 0.3) q[0], q[1];
rxx (0.25) q[1], q[2];
iswap_ q[0], q[1];
measure q[0] -> c[0];
