OPENQASM 2.0;
include "qelib1.inc";
gate layer q0,q1 { ry(0.4) q0; rz(-0.7) q1; cx q0,q1; }
gate clayer q0,q1,q2 { cu(0.4,0,0,0) q0,q1; crz(-0.7) q0,q2; ccx q0,q1,q2; }
qreg q[3];
layer q[0],q[1];
layer q[2],q[0];
clayer q[0],q[1],q[2];
rx(0.2) q[1];
