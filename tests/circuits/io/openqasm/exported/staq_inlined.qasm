OPENQASM 2.0;
include "qelib1.inc";

gate cphase(theta) a,b {
	rz((theta)/(2)) a;
	cx a,b;
	rz((-theta)/(2)) b;
	cx a,b;
	rz((theta)/(2)) b;
}
gate step(x0,x1) a,b { cphase((x0)+((2)*(x1))) a,b; u3((x0)-(x1),0.1,-(x1)) b; }
opaque oracle(theta) a,b;
qreg q[3];
creg c[2];
U(pi/2,0,pi) q[0];
CX q[0],q[1];
step(0.4,-0.3) q[0],q[1];
cphase((pi)/(4)) q[2],q[0];
step((pi)/(8),0.9) q[2],q[1];
h q[2];
measure q[0] -> c[0];
measure q[1] -> c[1];
