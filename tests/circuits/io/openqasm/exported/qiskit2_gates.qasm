OPENQASM 2.0;
include "qelib1.inc";
gate ryy(param0) q0,q1 { sxdg q0; sxdg q1; cx q0,q1; rz(param0) q1; cx q0,q1; sx q0; sx q1; }
gate rzx(param0) q0,q1 { h q1; cx q0,q1; rz(param0) q1; cx q0,q1; h q1; }
gate ecr q0,q1 { s q0; sx q1; cx q0,q1; x q0; }
gate iswap q0,q1 { s q0; s q1; h q0; cx q0,q1; cx q1,q0; h q1; }
gate dcx q0,q1 { cx q0,q1; cx q1,q0; }
qreg a[2];
qreg b[1];
creg meas[3];
h a[0];
rzz(0.7) a[0],a[1];
rxx(-0.4) a[1],b[0];
ryy(1.1) a[0],b[0];
rzx(0.35) a[0],a[1];
ecr a[0],b[0];
iswap a[1],b[0];
sx a[0];
sxdg a[1];
p(0.3) b[0];
cp(0.6) a[0],a[1];
u(0.4,-0.2,1.3) b[0];
cu(0.3,0.2,0.1,0.4) a[0],b[0];
crx(0.9) a[1],a[0];
cry(-0.8) b[0],a[1];
csx a[0],a[1];
dcx a[1],b[0];
barrier a[0],a[1],b[0];
measure a[0] -> meas[0];
measure a[1] -> meas[1];
measure b[0] -> meas[2];
