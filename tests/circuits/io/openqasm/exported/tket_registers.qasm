OPENQASM 2.0;
include "qelib1.inc";

qreg anc[1];
qreg q[2];
h q[0];
cx q[0],q[1];
rz(0.3*pi) q[1];
cx q[0],q[1];
u3(0.1*pi,0.2*pi,0.3*pi) q[0];
ry(0.7*pi) q[1];
