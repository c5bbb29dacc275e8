OPENQASM 2.0;
include "qelib1.inc";
gate toffoli in0,in1,out { h out; cx in1,out; tdg out; cx in0,out; t out; cx in1,out; tdg out; cx in0,out; t in1; t out; h out; cx in0,in1; t in0; tdg in1; cx in0,in1; }
gate fredkin control,input,output { cx output,input; toffoli control,input,output; cx output,input; }
qreg in[3];
qreg out[2];
creg bit[2];
ry(0.4) in[0];
ry(0.9) in[1];
x in[2];
toffoli in[0],in[1],out[0];
fredkin in[1],in[2],out[1];
cx out[0],out[1];
rx(0.25) out[1];
measure out -> bit;
