OPENQASM 3.0;
include "stdgates.inc";
input float[64] alpha;
input float[64] _θ_0_;
input float[64] _θ_1_;
input float[64] _θ_2_;
gate rzz(p0) _gate_q_0, _gate_q_1 {
  cx _gate_q_0, _gate_q_1;
  rz(p0) _gate_q_1;
  cx _gate_q_0, _gate_q_1;
}
gate rxx(p0) _gate_q_0, _gate_q_1 {
  h _gate_q_0;
  h _gate_q_1;
  cx _gate_q_0, _gate_q_1;
  rz(p0) _gate_q_1;
  cx _gate_q_0, _gate_q_1;
  h _gate_q_1;
  h _gate_q_0;
}
bit[3] c;
qubit[3] q;
h q[0];
rx(_θ_0_) q[0];
ry(pi/2 + 2*_θ_1_) q[1];
rzz(-_θ_0_ + _θ_2_) q[1], q[2];
cp(alpha/2) q[0], q[2];
rxx(alpha) q[0], q[1];
U(_θ_1_, alpha, 0.2) q[2];
barrier q[0], q[1], q[2];
c[0] = measure q[0];
c[1] = measure q[1];
c[2] = measure q[2];
