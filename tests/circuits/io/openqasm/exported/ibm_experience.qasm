OPENQASM 2.0;
include "qelib1.inc";

qreg q[3];
creg c[3];

reset q[0];
reset q[1];
u(1.2, -0.3, 0.5) q[0];
p(pi / 3) q[1];
h q[1];
cx q[0], q[1];
rxx(0.4) q[1], q[2];
rzz(pi / 5) q[0], q[2];
rccx q[0], q[1], q[2];
sx q[2];
sxdg q[0];
cu(0.5, 0.2, -0.4, 0.3) q[1], q[0];
barrier q;
measure q[0] -> c[0];
measure q[1] -> c[1];
