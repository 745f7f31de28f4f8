package story

// The scripts of DefaultScenarios.

func refundScript() *Script {
	return &Script{
		Opening:   "You call about a damaged order.",
		situation: "Order %d arrived with a broken lid; you want the money back.",
		Outcome:   "Refund is confirmed with a reference number.",
		Tools:     []string{"lookup_order", "issue_refund"},
		good: []Turn{
			{RoleAgent, "Thank you for calling Acme. How can I help?"},
			{RoleCustomer, "Hi, order %d arrived with a broken lid. I want my money back."},
			{RoleAgent, "I am sorry to hear that. Let me look up the order."},
			{RoleTool, "lookup_order"},
			{RoleAgent, "I see it was delivered on Monday. I can refund 39.90 dollars."},
			{RoleCustomer, "Can you not send a new one?"},
			{RoleAgent, "It is out of stock, so a refund is the fastest way."},
			{RoleCustomer, "Fine, please do that."},
			{RoleAgent, "Done. Your reference is RF-20931. Goodbye."},
			{RoleCustomer, "Thank you, goodbye."},
		},
		bad: []Turn{
			{RoleAgent, "Thank you for calling Acme. How can I help?"},
			{RoleCustomer, "Hi, order %d arrived with a broken lid. I want my money back."},
			{RoleAgent, "You can find our return policy on the website."},
			{RoleCustomer, "I have read it. I am asking you for the refund."},
			{RoleAgent, "As I said, it is on the website. Anything else?"},
			{RoleCustomer, "No. This was not helpful."},
		},
		goodGist:   "The customer asked for a refund; the agent checked the order and confirmed the refund.",
		badGist:    "The customer asked for a refund; the agent pointed to the website and closed the call.",
		goodIssue:  "Customer wanted a refund for a damaged item; agent checked the order and started the refund.",
		badIssue:   "Customer wanted a refund for a damaged item; agent did not look up the order.",
		ToolResult: `{"status": "delivered", "amount": 39.9}`,
	}
}

func billingScript() *Script {
	return &Script{
		Opening:   "You call about a double charge.",
		situation: "Invoice %d shows the same amount twice.",
		Outcome:   "The second charge is cancelled or a ticket is opened.",
		Tools:     []string{"find_invoice"},
		good: []Turn{
			{RoleAgent, "Acme billing, good morning."},
			{RoleCustomer, "Hello, I was charged twice for invoice %d."},
			{RoleAgent, "Let me compare both charges."},
			{RoleTool, "find_invoice"},
			{RoleAgent, "You are right, the second charge is a duplicate. I have cancelled it."},
			{RoleCustomer, "When do I see the money?"},
			{RoleAgent, "Within three working days. Is there anything else?"},
			{RoleCustomer, "No, thank you."},
		},
		bad: []Turn{
			{RoleAgent, "Acme billing, good morning."},
			{RoleCustomer, "Hello, I was charged twice for invoice %d."},
			{RoleAgent, "The invoice is correct."},
			{RoleCustomer, "It lists the same amount twice. Did you look at it?"},
			{RoleAgent, "I cannot see invoices. Please write to us."},
			{RoleCustomer, "Then why do you have a phone line? Goodbye."},
		},
		goodGist:   "The customer disputed a charge; the agent found the duplicate and cancelled it.",
		badGist:    "The customer disputed a charge; the agent claimed it was correct without looking.",
		goodIssue:  "Customer disputed a double charge; agent compared both invoices and cancelled one.",
		badIssue:   "Customer disputed a double charge; agent never opened the invoice.",
		ToolResult: `{"duplicates": 1}`,
	}
}

func cancelScript() *Script {
	return &Script{
		Opening:   "You want to end your subscription.",
		situation: "You pay for plan %d and no longer use it; you want to cancel before the next payment.",
		Outcome:   "The subscription ends at the close of the paid period.",
		Tools:     []string{"lookup_subscription"},
		good: []Turn{
			{RoleAgent, "Hello, this is Acme. What can I do for you?"},
			{RoleCustomer, "I want to cancel my subscription, number %d."},
			{RoleAgent, "I can do that. May I ask what made you decide?"},
			{RoleCustomer, "I do not use it any more."},
			{RoleTool, "lookup_subscription"},
			{RoleAgent, "It now ends on the last day of the month. You will not be charged again."},
			{RoleCustomer, "Great, that is all."},
		},
		bad: []Turn{
			{RoleAgent, "Hello, this is Acme. What can I do for you?"},
			{RoleCustomer, "I want to cancel my subscription, number %d."},
			{RoleAgent, "Have you seen our yearly offer? It is twenty percent off."},
			{RoleCustomer, "I do not want an offer. I want to cancel."},
			{RoleAgent, "What if I gave you one month for free?"},
			{RoleCustomer, "Please just cancel it."},
			{RoleAgent, "I have added the free month. Goodbye."},
		},
		goodGist:   "The customer cancelled a subscription; the agent confirmed the last day.",
		badGist:    "The customer wanted to cancel; the agent pushed offers and did not cancel.",
		goodIssue:  "Customer wanted to cancel; agent cancelled at the end of the paid period.",
		badIssue:   "Customer wanted to cancel; agent added a free month instead.",
		ToolResult: `{"plan": "basic", "renews": "2026-09-01"}`,
	}
}

func bookingScript() *Script {
	return &Script{
		Opening:   "You want an appointment next week.",
		situation: "You need an appointment for case %d next week, mornings only.",
		Outcome:   "A morning appointment is booked and repeated back.",
		Tools:     []string{"free_slots"},
		good: []Turn{
			{RoleAgent, "Acme service desk, how may I help?"},
			{RoleCustomer, "I need an appointment for case %d next week, in the morning."},
			{RoleTool, "free_slots"},
			{RoleAgent, "Tuesday at nine or Thursday at ten thirty?"},
			{RoleCustomer, "Thursday is fine."},
			{RoleAgent, "Booked: Thursday at ten thirty. You will get a message."},
			{RoleCustomer, "Perfect, thanks."},
		},
		bad: []Turn{
			{RoleAgent, "Acme service desk, how may I help?"},
			{RoleCustomer, "I need an appointment for case %d next week, in the morning."},
			{RoleAgent, "I booked you for Wednesday at four in the afternoon."},
			{RoleCustomer, "I said in the morning."},
			{RoleAgent, "There is nothing else. See you on Wednesday."},
			{RoleCustomer, "That does not work for me."},
		},
		goodGist:   "The customer asked for a morning appointment; the agent offered two and booked one.",
		badGist:    "The customer asked for a morning appointment; the agent booked an afternoon.",
		goodIssue:  "Customer needed a morning appointment; agent booked Thursday at ten thirty.",
		badIssue:   "Customer needed a morning appointment; agent booked the wrong time of day.",
		ToolResult: `{"slots": ["Tue 09:00", "Thu 10:30"]}`,
	}
}
