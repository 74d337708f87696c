// GraphiQL from its CDN, for developers who like it better; the explorer beside it needs no network.
import React from "https://esm.sh/react@19.1.0";
import ReactDOM from "https://esm.sh/react-dom@19.1.0/client";
import { GraphiQL } from "https://esm.sh/graphiql@5.0.0?standalone&external=react,react-dom,@graphiql/react,graphql";
import { createGraphiQLFetcher } from "https://esm.sh/@graphiql/toolkit@0.11.3?standalone&external=graphql";

const fetcher = createGraphiQLFetcher({ url: "/graphql/" });
ReactDOM.createRoot(document.getElementById("graphiql")).render(React.createElement(GraphiQL, { fetcher }));
