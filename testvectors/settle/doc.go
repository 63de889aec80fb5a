// Package settle asks a real modem what no source settles and a few exchanges can tell:
// whether a write replaces a credential, whether a client certificate can be read back,
// and the like. It writes the modem's NVM some eight times, under a security tag that
// holds nothing, with contents made for it, and deletes them in the end.
package settle
