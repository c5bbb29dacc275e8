OPENQASM 2.0;
include "qelib1.inc";
// Quirk: https://algassert.com/quirk
qreg q[4];
creg c[4];
h q[0];h q[1];
u1(pi*0.25) q[0];
u3(pi/4,-pi/2,pi/2) q[2];
barrier q[0],q[1],q[2],q[3];
cx q[0],q[2];
cu3(pi/4,0,0) q[1],q[3];
swap q[2],q[3];
ch q[0],q[3];
cz q[3],q[1];
u3(pi*0.3,pi*0.1,pi*-0.2) q[1];
tdg q[3];
cy q[2],q[0];
