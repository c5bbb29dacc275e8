OPENQASM 2.0;
include "qelib1.inc";
gate gate_RZZ(param0) q0,q1 { cx q0,q1; u1(param0) q1; cx q0,q1; }
gate multiplex1_reverse_dg q0 { ry(0.42) q0; }
gate gate_circuit_140(param0,param1) q0,q1 { gate_RZZ(param0) q0,q1; multiplex1_reverse_dg q1; u2(param1,pi) q0; }
qreg q[3];
creg c0[3];
u2(0,pi) q[0];
u3(0.61,-pi/2,pi/2) q[1];
gate_RZZ(1.37) q[0],q[1];
gate_circuit_140(0.3,-0.25) q[2],q[0];
u1(7*pi/16) q[2];
cu3(0.2,-0.4,0.6) q[1],q[2];
id q[0];
barrier q[0],q[1],q[2];
measure q[0] -> c0[0];
measure q[1] -> c0[1];
measure q[2] -> c0[2];
