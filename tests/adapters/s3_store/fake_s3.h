// S3's semantics in memory, behind http::Client, with a hand on every request: what gets lost, refused or sent twice.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/s3_store/s3_store.h"
#include "platform/aws/service.h"
#include "platform/http/client.h"
#include "support/fakes.h"

namespace seshat::testing {

struct FakeObject {
  std::string bytes;
  http::HeaderList headers;  // of the request that made it
};

struct FakePart {
  std::string bytes;
  int times = 1;  // sent
};

struct FakeUpload {
  std::string key;
  http::HeaderList headers;
  std::map<uint32_t, FakePart> parts;
};

// What happens to a request.
struct Fate {
  enum class Kind {
    kServed,
    kNotSent,   // never reaches the server: connection refused
    kLost,      // served, and the answer lost
    kEchoed,    // served, the answer lost, and sent again below us: the second answer counts
    kAnswered,  // not served, answered with `status` and `body`
  } kind = Kind::kServed;
  int status = 0;
  std::string body;
};

// One thread at a time.
class FakeS3 {
 public:
  std::map<std::string, FakeObject> objects;
  std::map<std::string, FakeUpload> uploads;
  std::vector<std::string> operations;                                    // of every request, as its Request::operation
  std::function<Fate(size_t number, const http::Request& request)> fate;  // `number` counts from 1
  std::function<void(http::Response&)> tamper;                            // with every answer
  bool tells_checksums = true;

  http::Outcome Handle(http::Request request);
  size_t Count(std::string_view method, std::string_view query_part) const;
  const std::vector<http::Request>& requests() const { return requests_; }

 private:
  http::Response Serve(const http::Request& request, const std::string& body);
  http::Response PutObject(const http::Request& request, const std::string& key, const std::string& body);
  http::Response PutPart(const http::Request& request, const std::string& id, const std::string& body);
  http::Response Complete(const http::Request& request, const std::string& id);
  http::Response ListParts(const std::string& id) const;
  http::Response Read(const http::Request& request, const std::string& key) const;

  std::vector<http::Request> requests_;  // without their bodies
  uint64_t next_upload_ = 0;
};

std::string Header(const http::HeaderList& headers, std::string_view name);
std::string ErrorBody(std::string_view code);

// Clients of one server. Outlived by it.
std::shared_ptr<aws::Service> MakeFakeService(FakeS3& server);

// A store on it, over TLS, in bucket "bucket" at the host's top.
s3_store::S3StoreOptions FakeOptions(BlobAccess access = BlobAccess::kReadWrite);
std::unique_ptr<BlobStore> OpenFake(FakeS3& server, const s3_store::S3StoreOptions& options, Clock& clock);

}  // namespace seshat::testing
