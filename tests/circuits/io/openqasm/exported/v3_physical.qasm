OPENQASM 3.0;
include "stdgates.inc";
gate rzx(p0) a, b { h b; cx a, b; rz(p0) b; cx a, b; h b; }
input float[64] t0;
input float[64] t1;
bit[2] c;
reset $4;
rz(t0) $1;
sx $1;
rz(pi/2 - t0) $1;
rzx(t1) $1, $4;
sx $4;
cx $4, $2;
rz(-t1/3) $2;
sx $2;
barrier $1, $2, $4;
c[0] = measure $1;
c[1] = measure $4;
