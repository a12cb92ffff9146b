// One AWS service as its adapters use it: clients that sign, try again, log and count, all sharing one state.
//
//   auto s3 = MakeService({.service = "s3", .region = region, .credentials = credentials, …});
//   auto client = s3->MakeClient();   // an event loop for one thread: bulk work
//   auto sender = s3->MakeSender();   // blocking, thread-safe: control calls
#pragma once

#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/base/secret.h"
#include "platform/aws/credentials.h"
#include "platform/aws/signing_client.h"
#include "platform/http/client.h"
#include "platform/http/retrying_client.h"
#include "platform/http/sender.h"
#include "ports/clock.h"
#include "ports/logger.h"
#include "ports/metrics.h"
#include "ports/random.h"

namespace seshat::aws {

struct ServiceOptions {
  std::string service;  // as in signatures: "s3", "sns", "sqs", "es"
  std::string region;
  std::shared_ptr<CredentialsProvider> credentials;
  std::shared_ptr<ServerClock> server_clock;  // null: one of its own
  http::ClientOptions http;
  http::RetryOptions retry;  // judge, budget, logger and metrics are filled in
  // All must outlive the service and its clients.
  const Clock* clock = nullptr;
  Random* random = nullptr;
  Logger* logger = nullptr;    // may be null
  Metrics* metrics = nullptr;  // may be null
};

// Thread-safe. The clients it makes may outlive it.
class Service {
 public:
  virtual ~Service() = default;
  virtual Result<std::unique_ptr<http::Client>> MakeClient() = 0;
  virtual std::unique_ptr<http::Sender> MakeSender() = 0;
  // A URL that lets whoever has it make this one request (GET an object) for `valid`, 1 s–7 days. It is a secret.
  virtual Result<Secret> Presign(const http::Request& request, std::chrono::seconds valid) = 0;
};

// kInvalidArgument for options that cannot be.
Result<std::unique_ptr<Service>> MakeService(ServiceOptions options);

}  // namespace seshat::aws
