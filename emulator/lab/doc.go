// Package lab is the page on which a student does the course exercise "MQTT over
// TLS" without a board, and a teacher sees that it was done: a modem, servers at
// the far end, the exercise in steps, and what is going on inside.
//
// An exercise is a folder. Its lab.md begins with "# Title"; lines "setup: ..."
// prepare the modem; behind a blank line stands an introduction in Markdown. Each
// further file, such as 20-store.md, is a step:
//
//	# Store the root certificate
//	check: stored 24 0 ca.pem
//	check: written 24 0 1
//	hint: The command is `AT%CMNG=0,24,0,"..."`.
//
//	The modem keeps certificates under a security tag ...
//
// A step is done as long as all its checks hold. They look at what has happened, in
// the modem, in handshakes, at the broker, so nobody can tick them, and a step that
// is undone opens again. [Conditions] lists what a check may say.
//
// The page reaches the modem by the routes of package control, below the seat's
// path, and hears of everything by one WebSocket.
package lab
