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

// managePublicKey is AT%XPMNG=<opcode>[,<content>[,<sec_tag>]] (fact keys/xpmng). The tag is 0 if it is left out (inferred).
func (m *Modem) managePublicKey(w *atcmd.Response, cmd *atcmd.Command) error {
	op, ok := cmd.Int(0, xpmngWrite, xpmngRead)
	if !ok || op == 1 {
		return atcmd.Errorf("the first parameter of %%XPMNG is the operation: 0 write, 2 read")
	}
	tag, ok := publicKeyTag(cmd, 2)
	if !ok || len(cmd.Args) > 3 {
		return atcmd.Errorf("the security tag of a public key is a number from 0 to %d", keystore.LastPublicKeyTag)
	}
	if op == xpmngRead {
		if cmd.Has(1) {
			return atcmd.Errorf("a read takes no content; the security tag is the third parameter")
		}
		return m.readPublicKey(w, tag)
	}
	content, ok := cmd.Quoted(1)
	if !ok || len(content) == 0 {
		return atcmd.Errorf("the content is a public key in double quotes, with its BEGIN and END lines")
	}
	return m.writePublicKey(tag, content)
}

// publicKeyTag returns the tag of a public key.
func publicKeyTag(cmd *atcmd.Command, i int) (keystore.SecTag, bool) {
	tag, ok := cmd.Int(i, 0, int64(keystore.LastPublicKeyTag))
	return keystore.SecTag(tag), ok || !cmd.Has(i)
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
// first; the answer is 519 (seen; older guides print 520, the newest both).
// Whether it is a key is not checked: no code is listed for that (chosen).
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
