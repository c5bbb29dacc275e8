// Benchmark was created by MQT Bench on 2024-03-17
// For more information about MQT Bench, please visit https://www.cda.cit.tum.de/mqtbench/
// Used Gate Set: ['id', 'rz', 'sx', 'x', 'cx', 'measure', 'barrier']

OPENQASM 2.0;
include "qelib1.inc";
qreg q[4];
creg meas[4];
rz(1.9106332362490184) q[0];
sx q[0];
rz(0.9553166181245092) q[1];
sx q[1];
rz(-pi) q[1];
cx q[0],q[1];
rz(pi/2) q[1];
sx q[1];
rz(2.094395102393195) q[2];
sx q[2];
cx q[1],q[2];
id q[3];
x q[3];
cx q[2],q[3];
rz(7*pi/4) q[3];
sx q[3];
barrier q[0],q[1],q[2],q[3];
measure q[0] -> meas[0];
measure q[1] -> meas[1];
measure q[2] -> meas[2];
measure q[3] -> meas[3];
