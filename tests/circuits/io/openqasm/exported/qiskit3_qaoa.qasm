OPENQASM 3.0;
include "stdgates.inc";
input float[64] β;
input float[64] γ;
gate rzz(p0) _gate_q_0, _gate_q_1 {
  cx _gate_q_0, _gate_q_1;
  rz(p0) _gate_q_1;
  cx _gate_q_0, _gate_q_1;
}
qubit[4] q;
h q[0];
h q[1];
h q[2];
h q[3];
rzz(2*γ) q[0], q[1];
rzz(2*γ) q[1], q[2];
rzz(2*γ) q[2], q[3];
rzz(2*γ) q[3], q[0];
rx(2*β) q[0];
rx(2*β) q[1];
rx(2*β) q[2];
rx(2*β) q[3];
