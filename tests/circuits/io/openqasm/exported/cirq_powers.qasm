// Generated from Cirq v1.7.0

OPENQASM 2.0;
include "qelib1.inc";


// Qubits: [q(0), q(1), q(2)]
qreg q[3];
creg m_a[1];
creg m_b[1];


h q[0];
h q[1];
h q[2];

// Gate: ZZ**0.3
rz(pi*0.3) q[0];
rz(pi*0.3) q[1];
u3(pi*0.5,pi*1.0,pi*1.25) q[0];
u3(pi*0.5,0,pi*0.75) q[1];
sx q[0];
cx q[0],q[1];
rx(pi*0.2) q[0];
ry(pi*0.5) q[1];
cx q[1],q[0];
sxdg q[1];
s q[1];
cx q[0],q[1];
u3(pi*0.5,pi*1.45,0) q[0];
u3(pi*0.5,pi*1.95,pi*1.0) q[1];

// Gate: CZ**0.4
u3(pi*0.5,0,0) q[1];
u3(pi*0.5,0,pi*0.5) q[2];
sx q[1];
cx q[1],q[2];
rx(pi*0.3) q[1];
ry(pi*0.5) q[2];
cx q[2],q[1];
sxdg q[2];
s q[2];
cx q[1],q[2];
u3(pi*0.5,pi*1.2,pi*1.0) q[1];
u3(pi*0.5,pi*0.7,pi*1.0) q[2];

// Gate: ISWAP**0.5
cx q[0],q[2];
h q[0];
cx q[2],q[0];
t q[0];
cx q[2],q[0];
tdg q[0];
h q[0];
cx q[0],q[2];

u3(pi*-0.7, pi*0.7, pi*-0.7) q[1];
measure q[0] -> m_a[0];
measure q[1] -> m_b[0];
