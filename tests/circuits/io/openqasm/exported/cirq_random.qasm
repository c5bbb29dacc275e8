// Generated from Cirq v1.7.0

OPENQASM 2.0;
include "qelib1.inc";


// Qubits: [0, 1, 2, 3]
qreg q[4];


// Gate: ISWAP
cx q[3],q[0];
h q[3];
cx q[0],q[3];
s q[3];
cx q[0],q[3];
sdg q[3];
h q[3];
cx q[3],q[0];

z q[2];
cz q[0],q[2];
cz q[1],q[0];
z q[0];
s q[3];
