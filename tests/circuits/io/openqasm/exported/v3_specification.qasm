/*
 * In the manner of the examples of the specification
 */
OPENQASM 3;
include "stdgates.inc";
gate crz_(θ) q1, q2 { ctrl @ rz(θ) q1, q2; }
gate neg_cx q1, q2 { negctrl @ x q1, q2; }
gate my_phase(λ) q { U(0, 0, λ) q; }
input float[64] α;
input float[64] δ;
qubit[2] q;
qubit r;
h q[0];
crz_(2 * α) q[0], q[1];
neg_cx q[0], r;
ctrl(2) @ ry(δ) q[0], q[1], r;
inv @ my_phase(δ - α) r;
ctrl @ inv @ s q[1], q[0];
pow(2) @ t r;
ctrl @ rx(α) r, q[1];
