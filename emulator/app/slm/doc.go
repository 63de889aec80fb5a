// Package slm is the socket commands of Serial LTE Modem (SLM), the application
// before Serial Modem: they act on one selected socket, and there are TCP and UDP
// proxies that bring received data by themselves (facts slm/selection and slm/proxies).
package slm
