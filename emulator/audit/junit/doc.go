// Package junit writes JUnit XML as Jenkins' junit-10 schema has it, which GitLab,
// GitHub actions and Azure read too. Text that XML cannot hold is mended.
package junit
