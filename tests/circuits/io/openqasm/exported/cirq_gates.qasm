// Generated from Cirq v1.7.0

OPENQASM 2.0;
include "qelib1.inc";


// Qubits: [q(0), q(1), q(2)]
qreg q[3];
creg m_m[3];


h q[0];
rx(pi*0.0954929659) q[2];
cx q[0],q[1];
rz(pi*0.3) q[2];
ry(pi*-0.2228169203) q[1];
rz(pi*0.3501408748) q[0];
rx(pi*0.25) q[1];
ry(pi*-0.5) q[0];
cz q[1],q[2];
swap q[0],q[2];
t q[1];
sdg q[0];
ccx q[0],q[1],q[2];

// Gate: cirq.MeasurementGate(3, cirq.MeasurementKey(name='m'), ())
measure q[0] -> m_m[0];
measure q[1] -> m_m[1];
measure q[2] -> m_m[2];
