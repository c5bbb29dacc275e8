OPENQASM 2.0;
include "qelib1.inc";
gate zz(g) a,b { cx a,b; rz(2*g) b; cx a,b; }
gate xx(g) a,b { h a; h b; zz(g) a,b; h a; h b; }
gate trotter(j,h0) a,b,c { zz(j) a,b; zz(j) b,c; rx(2*h0) a; rx(2*h0) b; rx(2*h0) c; xx(j/2) a,c; }
qreg q[3];
h q;
trotter(0.1,0.2) q[0],q[1],q[2];
trotter(0.15,0.25) q[0],q[1],q[2];
trotter(-0.2,pi/16) q[2],q[1],q[0];
