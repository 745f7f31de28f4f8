package simulator

// The scripts of the scenarios that every server has by default.

func refundScript() *script {
	return &script{
		opening:   "You call about a damaged order.",
		situation: "Order %d arrived with a broken lid; you want the money back.",
		outcome:   "Refund is confirmed with a reference number.",
		tools:     []string{"lookup_order", "issue_refund"},
		good: []turn{
			{roleAgent, "Thank you for calling Acme. How can I help?"},
			{roleCustomer, "Hi, order %d arrived with a broken lid. I want my money back."},
			{roleAgent, "I am sorry to hear that. Let me look up the order."},
			{roleTool, "lookup_order"},
			{roleAgent, "I see it was delivered on Monday. I can refund 39.90 dollars."},
			{roleCustomer, "Can you not send a new one?"},
			{roleAgent, "It is out of stock, so a refund is the fastest way."},
			{roleCustomer, "Fine, please do that."},
			{roleAgent, "Done. Your reference is RF-20931. Goodbye."},
			{roleCustomer, "Thank you, goodbye."},
		},
		bad: []turn{
			{roleAgent, "Thank you for calling Acme. How can I help?"},
			{roleCustomer, "Hi, order %d arrived with a broken lid. I want my money back."},
			{roleAgent, "You can find our return policy on the website."},
			{roleCustomer, "I have read it. I am asking you for the refund."},
			{roleAgent, "As I said, it is on the website. Anything else?"},
			{roleCustomer, "No. This was not helpful."},
		},
		goodGist:   "The customer asked for a refund; the agent checked the order and confirmed the refund.",
		badGist:    "The customer asked for a refund; the agent pointed to the website and closed the call.",
		goodIssue:  "Customer wanted a refund for a damaged item; agent checked the order and started the refund.",
		badIssue:   "Customer wanted a refund for a damaged item; agent did not look up the order.",
		toolResult: `{"status": "delivered", "amount": 39.9}`,
	}
}

func billingScript() *script {
	return &script{
		opening:   "You call about a double charge.",
		situation: "Invoice %d shows the same amount twice.",
		outcome:   "The second charge is cancelled or a ticket is opened.",
		tools:     []string{"find_invoice"},
		good: []turn{
			{roleAgent, "Acme billing, good morning."},
			{roleCustomer, "Hello, I was charged twice for invoice %d."},
			{roleAgent, "Let me compare both charges."},
			{roleTool, "find_invoice"},
			{roleAgent, "You are right, the second charge is a duplicate. I have cancelled it."},
			{roleCustomer, "When do I see the money?"},
			{roleAgent, "Within three working days. Is there anything else?"},
			{roleCustomer, "No, thank you."},
		},
		bad: []turn{
			{roleAgent, "Acme billing, good morning."},
			{roleCustomer, "Hello, I was charged twice for invoice %d."},
			{roleAgent, "The invoice is correct."},
			{roleCustomer, "It lists the same amount twice. Did you look at it?"},
			{roleAgent, "I cannot see invoices. Please write to us."},
			{roleCustomer, "Then why do you have a phone line? Goodbye."},
		},
		goodGist:   "The customer disputed a charge; the agent found the duplicate and cancelled it.",
		badGist:    "The customer disputed a charge; the agent claimed it was correct without looking.",
		goodIssue:  "Customer disputed a double charge; agent compared both invoices and cancelled one.",
		badIssue:   "Customer disputed a double charge; agent never opened the invoice.",
		toolResult: `{"duplicates": 1}`,
	}
}

func cancelScript() *script {
	return &script{
		opening:   "You want to end your subscription.",
		situation: "You pay for plan %d and no longer use it; you want to cancel before the next payment.",
		outcome:   "The subscription ends at the close of the paid period.",
		tools:     []string{"lookup_subscription"},
		good: []turn{
			{roleAgent, "Hello, this is Acme. What can I do for you?"},
			{roleCustomer, "I want to cancel my subscription, number %d."},
			{roleAgent, "I can do that. May I ask what made you decide?"},
			{roleCustomer, "I do not use it any more."},
			{roleTool, "lookup_subscription"},
			{roleAgent, "It now ends on the last day of the month. You will not be charged again."},
			{roleCustomer, "Great, that is all."},
		},
		bad: []turn{
			{roleAgent, "Hello, this is Acme. What can I do for you?"},
			{roleCustomer, "I want to cancel my subscription, number %d."},
			{roleAgent, "Have you seen our yearly offer? It is twenty percent off."},
			{roleCustomer, "I do not want an offer. I want to cancel."},
			{roleAgent, "What if I gave you one month for free?"},
			{roleCustomer, "Please just cancel it."},
			{roleAgent, "I have added the free month. Goodbye."},
		},
		goodGist:   "The customer cancelled a subscription; the agent confirmed the last day.",
		badGist:    "The customer wanted to cancel; the agent pushed offers and did not cancel.",
		goodIssue:  "Customer wanted to cancel; agent cancelled at the end of the paid period.",
		badIssue:   "Customer wanted to cancel; agent added a free month instead.",
		toolResult: `{"plan": "basic", "renews": "2026-09-01"}`,
	}
}

func bookingScript() *script {
	return &script{
		opening:   "You want an appointment next week.",
		situation: "You need an appointment for case %d next week, mornings only.",
		outcome:   "A morning appointment is booked and repeated back.",
		tools:     []string{"free_slots"},
		good: []turn{
			{roleAgent, "Acme service desk, how may I help?"},
			{roleCustomer, "I need an appointment for case %d next week, in the morning."},
			{roleTool, "free_slots"},
			{roleAgent, "Tuesday at nine or Thursday at ten thirty?"},
			{roleCustomer, "Thursday is fine."},
			{roleAgent, "Booked: Thursday at ten thirty. You will get a message."},
			{roleCustomer, "Perfect, thanks."},
		},
		bad: []turn{
			{roleAgent, "Acme service desk, how may I help?"},
			{roleCustomer, "I need an appointment for case %d next week, in the morning."},
			{roleAgent, "I booked you for Wednesday at four in the afternoon."},
			{roleCustomer, "I said in the morning."},
			{roleAgent, "There is nothing else. See you on Wednesday."},
			{roleCustomer, "That does not work for me."},
		},
		goodGist:   "The customer asked for a morning appointment; the agent offered two and booked one.",
		badGist:    "The customer asked for a morning appointment; the agent booked an afternoon.",
		goodIssue:  "Customer needed a morning appointment; agent booked Thursday at ten thirty.",
		badIssue:   "Customer needed a morning appointment; agent booked the wrong time of day.",
		toolResult: `{"slots": ["Tue 09:00", "Thu 10:30"]}`,
	}
}
