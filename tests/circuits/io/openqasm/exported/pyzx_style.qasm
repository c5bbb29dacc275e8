OPENQASM 2.0;
include "qelib1.inc";
gate ccz_like a, b, c { h c; ccx a, b, c; h c; }
qreg q[4];
rz(0.25*pi) q[0];
h q[0];
rx(0.5*pi) q[1];
cz q[0], q[1];
rz(1.75*pi) q[2];
h q[2];
cx q[2], q[3];
rz(0.3*pi) q[3];
rx(1.2*pi) q[0];
swap q[1], q[2];
ccz_like q[0], q[1], q[2];
