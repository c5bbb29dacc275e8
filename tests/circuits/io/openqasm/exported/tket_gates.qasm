OPENQASM 2.0;
include "qelib1.inc";

gate v vq0 {
u3(0.5*pi,1.5*pi,0.5*pi) vq0;
}
qreg q[3];
creg c[3];
h q[0];
rx(0.25*pi) q[2];
cx q[0],q[1];
ry(3.6*pi) q[0];
rz(0.3*pi) q[1];
cz q[1],q[2];
rzz(0.2*pi) q[0],q[2];
rxx(0.15*pi) q[0],q[1];
u3(0.2*pi,-0.4*pi,0.8*pi) q[2];
cu1(0.3*pi) q[0],q[1];
sx q[0];
crz(0.4*pi) q[1],q[2];
v q[1];
ccx q[0],q[1],q[2];
measure q[1] -> c[1];
swap q[0],q[2];
measure q[0] -> c[0];
measure q[2] -> c[2];
