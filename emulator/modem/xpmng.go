package modem

import (
	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
)

// The operations of %XPMNG (fact keys/xpmng).
const (
	xpmngWrite = 0
	xpmngRead  = 2
)

// managePublicKey is AT%XPMNG=<opcode>[,<content>[,<sec_tag>]] (fact
// keys/xpmng).
func (m *Modem) managePublicKey(w *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	op := args.OneOf("the operation: 0 write, 2 read", xpmngWrite, xpmngRead)
	given := args.Has()
	content := args.TextOr(nil, 0, "a public key with its BEGIN and END lines")
	tag := publicKeyTag(&args)
	switch {
	case op == xpmngRead && given:
		args.Fail("a read takes no content; the security tag is the third parameter")
	case op == xpmngWrite && len(content) == 0:
		args.Fail("a write takes a public key in quotes, with its BEGIN and END lines")
	}
	if err := args.End(); err != nil {
		return err
	}
	if op == xpmngRead {
		return m.readPublicKey(w, tag)
	}
	return m.writePublicKey(tag, content)
}

// publicKeyTag reads the tag of a public key, which is 0 if it is left out (fact
// keys/xpmng-tag).
func publicKeyTag(args *atcmd.ArgReader) keystore.SecTag {
	return keystore.SecTag(args.IntOr(0, 0, int(keystore.LastPublicKeyTag), "the security tag of a public key"))
}

func (m *Modem) readPublicKey(w *atcmd.Response, tag keystore.SecTag) error {
	k := keystore.Key{SecTag: tag, Type: keystore.PublicKey}
	content, err := m.cfg.Store.Secret(k)
	entry, _ := m.cfg.Store.Entry(k)
	m.recordCredential(event.CredentialRead, cmng{op: cmngRead, key: k}, entry, entry, err, event.Cost{})
	if err != nil {
		return storeError(err)
	}
	w.Append(func(b []byte) []byte {
		b = append(append(b, `%XPMNG: "`...), content...)
		return append(b, '"')
	})
	return nil
}

// writePublicKey stores a key. One that exists has to be deleted with %CMNG
// first (fact keys/xpmng-exists). Whether it is a key is not checked (fact
// keys/xpmng-malformed).
func (m *Modem) writePublicKey(tag keystore.SecTag, content []byte) error {
	k := keystore.Key{SecTag: tag, Type: keystore.PublicKey}
	before, _ := m.cfg.Store.Entry(k)
	cost := m.flashCost()
	err := m.mayStore()
	if err == nil {
		err = storeError(m.cfg.Store.PutPublicKey(tag, content))
	}
	after, _ := m.cfg.Store.Entry(k)
	// The content is not described: the rules about contents are those of %CMNG.
	m.recordCredential(event.CredentialWrite, cmng{key: k}, before, after, err, m.flashCost().Since(cost))
	return err
}
