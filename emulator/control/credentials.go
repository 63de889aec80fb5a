package control

import (
	"io"
	"net/http"
	"strconv"

	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
)

// Credential is what the list tells about one credential.
type Credential struct {
	SecTag    uint32 `json:"sec_tag"`
	Type      uint8  `json:"type"`
	Name      string `json:"name"`                // of the type, in words
	Bytes     int    `json:"bytes"`               // 0 for the modem's own
	SHA256    string `json:"sha256"`              // of the content, upper-case hexadecimal
	Secret    bool   `json:"secret,omitempty"`    // its content is not given out
	Generated bool   `json:"generated,omitempty"` // the modem made it
	System    bool   `json:"system,omitempty"`    // one of the modem's own
	Writes    uint32 `json:"writes"`              // as far back as the flash remembers
}

func (s *Server) getCredentials(w http.ResponseWriter, _ *http.Request) error {
	list, err := s.Credentials()
	if err != nil {
		return err
	}
	return reply(w, list)
}

// Credentials returns what GET /v1/credentials answers.
func (s *Server) Credentials() ([]Credential, error) {
	list := []Credential{}
	err := s.device.Bench().EachCredential(func(e keystore.Entry, content []byte) {
		list = append(list, Credential{
			SecTag: uint32(e.SecTag), Type: uint8(e.Type), Name: e.Type.String(), Bytes: e.Size,
			SHA256: e.Digest.String(), Secret: secret(e, content), Generated: e.Generated, System: e.System, Writes: e.Writes,
		})
	})
	return list, err
}

// secret reports whether a content stays inside: what is not known to be public,
// and whatever the modem made itself, of which the public half is not kept here.
func secret(e keystore.Entry, content []byte) bool {
	return e.Generated || e.System || !event.Public(uint8(e.Type), content)
}

func keyOf(r *http.Request) (keystore.Key, error) {
	tag, err := strconv.ParseUint(r.PathValue("sec_tag"), 10, 32)
	if err != nil {
		return keystore.Key{}, bad("%q is not a security tag: use 0 to 4294967295", r.PathValue("sec_tag"))
	}
	typ, err := strconv.ParseUint(r.PathValue("type"), 10, 8)
	if err != nil {
		return keystore.Key{}, bad("%q is not a credential type: use a number such as 0 for a root CA", r.PathValue("type"))
	}
	return keystore.Key{SecTag: keystore.SecTag(tag), Type: keystore.CredentialType(typ)}, nil
}

func (s *Server) getCredential(w http.ResponseWriter, r *http.Request) error {
	k, err := keyOf(r)
	if err != nil {
		return err
	}
	e, content, err := s.device.Bench().Credential(k)
	if err != nil {
		return err
	}
	if secret(e, content) {
		fail(w, http.StatusForbidden, "the content of tag %d, %v is secret; compare the sha256 that /v1/credentials lists", k.SecTag, k.Type)
		return nil
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, err = w.Write(content)
	return ignore(err)
}

// change is the answer to a PUT of a credential.
type change struct {
	Changed bool `json:"changed"`
}

func (s *Server) putCredential(w http.ResponseWriter, r *http.Request) error {
	k, err := keyOf(r)
	if err != nil {
		return err
	}
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, keystore.MaxContent))
	if err != nil {
		return err
	}
	changed, err := s.device.Bench().PutCredential(k, content)
	if err != nil {
		return err
	}
	return reply(w, change{changed})
}

func (s *Server) deleteCredential(w http.ResponseWriter, r *http.Request) error {
	k, err := keyOf(r)
	if err != nil {
		return err
	}
	if err := s.device.Bench().DeleteCredential(k); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
