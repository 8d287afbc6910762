// Without a validator: it would be asked over the network, and told what is shown.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#viewer", deepLinking: true, docExpansion: "none", filter: true,
  validatorUrl: null });
