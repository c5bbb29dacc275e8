OPENQASM 3.0;
include "stdgates.inc";
input float[64] alpha;
gate layer _gate_q_0, _gate_q_1 {
  ry(0.4) _gate_q_0;
  rz(-0.7) _gate_q_1;
  cx _gate_q_0, _gate_q_1;
}
gate sxdg _gate_q_0 {
  s _gate_q_0;
  h _gate_q_0;
  s _gate_q_0;
}
qubit[3] q;
layer q[0], q[1];
layer q[2], q[0];
ccx q[0], q[1], q[2];
cswap q[2], q[0], q[1];
rx(alpha) q[1];
sxdg q[2];
ch q[0], q[1];
