"""An FTP and an SFTP server over one folder, as partners have them, with faults on demand."""

USER, PASSWORD = "soms", "sandbox-files"
