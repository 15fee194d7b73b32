/** A mail as it leaves. */
export interface OutgoingMail {
  readonly id: string
  readonly template: string
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Where mails go. */
export interface MailTransport {
  /** Hands the mail over; rejects when it was not taken, to be tried again. */
  send(mail: OutgoingMail): Promise<void>
  close(): void
}
