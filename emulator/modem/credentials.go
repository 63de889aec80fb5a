package modem

import (
	"errors"
	"strconv"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
)

// ErrCrashed is the result of a command during which the modem crashed: there is
// no final result, and there will be none until the modem is started again.
var ErrCrashed = errors.New("the modem has crashed")

// ErrPowerLost is the result of a command during which the power went: there is
// no final result.
var ErrPowerLost = errors.New("the power went while the flash was being written")

// crashReason is what the modem library reports when an oversize credential is
// read (fact cmng/oversize-read).
const crashReason = 0x4

// maxType is the highest credential type that a guide names (fact cmng/types).
const maxType = keystore.AssetEncryptionKey

// maxPassword is the longest password of an encrypted private key (fact cmng/password).
const maxPassword = 32

// The operations of %CMNG (fact cmng/operations).
const (
	cmngWrite = iota
	cmngList
	cmngRead
	cmngDelete
)

var credentialCommands = map[string]*forms{
	"%CMNG": {Set: (*Modem).manageCredentials},
}

// cmng is one %CMNG command.
type cmng struct {
	op      int
	key     keystore.Key
	hasTag  bool
	hasType bool
	content []byte

	password []byte // of an encrypted private key
}

// parseCMNG reads the parameters. What is wrong with them is answered with 50
// (fact cmng/malformed-code).
func parseCMNG(cmd *atcmd.Command) (c cmng, err error) {
	args := atcmd.ReadArgs(cmd)
	args.Code = event.CMEIncorrectParameter
	c.op = args.Int(cmngWrite, cmngDelete, "the operation: 0 write, 1 list, 2 read, 3 delete")
	c.hasTag = args.Has()
	c.key.SecTag = keystore.SecTag(args.Uint32Or(0, "the security tag"))
	c.hasType = args.Has()
	c.key.Type = keystore.CredentialType(args.IntOr(0, 0, int(maxType), "the credential type"))
	switch {
	case c.op != cmngList && !(c.hasTag && c.hasType):
		args.Fail("this operation needs a security tag and a type")
	case c.op == cmngList && c.hasType && !c.hasTag:
		args.Fail("a list by type needs a security tag")
	}
	if c.op != cmngWrite {
		return c, args.End() // only a write takes content
	}
	if c.content = args.Text(0, "the content, in quotes if it holds a comma"); len(c.content) == 0 {
		args.Fail("the content of a credential must not be empty")
	}
	if c.key.Type == keystore.PrivateKey {
		c.password = args.TextOr(nil, maxPassword, "the password of the key")
	} else {
		args.Skip() // whatever it is (fact cmng/password)
	}
	return c, args.End()
}

// manageCredentials is AT%CMNG (fact cmng/operations). The order of checks is that
// of fact cmng/order-of-checks: parameters, active state, power-off warning,
// existence and permission, content, space.
func (m *Modem) manageCredentials(w *atcmd.Response, cmd *atcmd.Command) error {
	c, err := parseCMNG(cmd)
	if err != nil && m.cfg.Profile.MalformedZero {
		return atcmd.CME(event.CMEPhoneFailure, "%s", reason(err))
	}
	if err != nil {
		return err
	}
	if c.op == cmngList || c.op == cmngRead {
		if err := m.mayLook(c); err != nil {
			return err
		}
	}
	switch c.op {
	case cmngList:
		return m.listCredentials(w, c)
	case cmngRead:
		return m.readCredential(w, c)
	default:
		return m.changeCredential(c)
	}
}

// mayLook returns why nothing is listed or read now (fact cmng/power-warning-reads).
func (m *Modem) mayLook(c cmng) error {
	if !m.cfg.Profile.PowerWarningReads || !m.supply.warned {
		return nil
	}
	err := atcmd.CME(event.CMEPowerWarning, "the power-off warning is active (%d mV)", m.supply.millivolts)
	ev := event.Credential{ID: m.exchange, Op: event.CredentialList, Error: true, CME: event.CMEPowerWarning, Reason: reason(err)}
	if c.op == cmngRead {
		ev.Op = event.CredentialRead
	}
	if c.hasTag {
		ev.SecTag = new(uint32(c.key.SecTag))
	}
	if c.hasType {
		ev.Type = new(event.CredentialType(c.key.Type))
	}
	if m.cfg.Log.Enabled() {
		m.cfg.Log.Add(event.Event{Credential: &ev})
	}
	return err
}

func (m *Modem) listCredentials(w *atcmd.Response, c cmng) error {
	found := 0
	for e := range m.cfg.Store.All() {
		if c.hasTag && e.SecTag != c.key.SecTag || c.hasType && e.Type != c.key.Type {
			continue
		}
		found++
		w.Append(func(b []byte) []byte { return m.appendEntry(b, e) })
	}
	if m.cfg.Log.Enabled() {
		ev := event.Credential{ID: m.exchange, Op: event.CredentialList, Found: found}
		if c.hasTag {
			ev.SecTag = new(uint32(c.key.SecTag))
		}
		if c.hasType {
			ev.Type = new(event.CredentialType(c.key.Type))
			if e, err := m.cfg.Store.Entry(c.key); err == nil {
				ev.Before = m.digest(e)
				ev.After = ev.Before
			}
		}
		m.cfg.Log.Add(event.Event{Credential: &ev})
	}
	return nil
}

func (m *Modem) readCredential(w *atcmd.Response, c cmng) error {
	content, e, err := m.cfg.Store.Read(c.key)
	m.recordCredential(event.CredentialRead, c, e, e, err, event.Cost{})
	switch {
	case errors.Is(err, keystore.ErrReadCrash):
		m.Crash(crashReason, err.Error())
		return ErrCrashed
	case err != nil:
		return storeError(err)
	}
	w.Append(func(b []byte) []byte {
		b = append(m.appendEntry(b, e), ",\""...)
		return append(append(b, content...), '"')
	})
	return nil
}

// changeCredential writes or deletes.
func (m *Modem) changeCredential(c cmng) error {
	op := event.CredentialWrite
	if c.op == cmngDelete {
		op = event.CredentialDelete
	}
	before, _ := m.cfg.Store.Entry(c.key)
	err := m.mayStore()
	cost := m.flashCost()
	if err == nil {
		if c.op == cmngWrite {
			err = storeError(m.cfg.Store.WriteWithPassword(c.key, c.content, c.password))
		} else {
			err = storeError(m.cfg.Store.Delete(c.key))
		}
	}
	after, _ := m.cfg.Store.Entry(c.key)
	m.recordCredential(op, c, before, after, err, m.flashCost().Since(cost))
	return err
}

// recordCredential adds an operation on one credential to the record.
func (m *Modem) recordCredential(op event.CredentialOp, c cmng, before, after keystore.Entry, err error, cost event.Cost) {
	if !m.cfg.Log.Enabled() {
		return
	}
	ev := event.Credential{
		ID: m.exchange, Op: op,
		SecTag: new(uint32(c.key.SecTag)), Type: new(event.CredentialType(c.key.Type)),
		Before: m.digest(before), After: m.digest(after), Cost: cost,
	}
	if ev.Before != "" {
		ev.Found = 1
	}
	if c.content != nil {
		ev.Content = m.cfg.Log.Content(uint8(c.key.Type), c.content)
		ev.Content.Unlock(c.content, c.password)
	}
	if op != event.CredentialRead {
		for held := range m.cfg.Store.Tag(c.key.SecTag) {
			ev.Held = append(ev.Held, int(held.Type))
		}
	}
	if err != nil {
		ev.Error, ev.Reason = true, reason(err)
		if r := atcmd.ResultOf(storeOrAT(err)); !errors.Is(err, ErrPowerLost) && r.Kind == atcmd.ResultCME {
			ev.CME = r.Code
		}
	}
	m.cfg.Log.Add(event.Event{Credential: &ev})
}

// storeOrAT returns err as a final result, whichever package it comes from.
func storeOrAT(err error) error {
	var at *atcmd.Error
	if errors.As(err, &at) {
		return err
	}
	return storeError(err)
}

// reason returns why err happened, in words.
func reason(err error) string {
	var at *atcmd.Error
	if errors.As(err, &at) {
		return at.Reason
	}
	return err.Error()
}

// digest returns the digest of an entry for the record: always the true one,
// empty if there is no entry.
func (m *Modem) digest(e keystore.Entry) string {
	if e.Size == 0 && !e.System {
		return ""
	}
	return e.Digest.String()
}

// appendEntry appends an entry as list and read show it: no blanks, the digest
// in quotes (fact cmng/list-layout).
func (m *Modem) appendEntry(b []byte, e keystore.Entry) []byte {
	b = append(b, "%CMNG: "...)
	b = strconv.AppendUint(b, uint64(e.SecTag), 10)
	b = append(b, ',')
	b = strconv.AppendUint(b, uint64(e.Type), 10)
	b = append(b, ",\""...)
	return append(m.cfg.Store.ShownDigest(e).Append(b), '"')
}
