#include "platform/aws/credentials.h"

#include <utility>

namespace seshat::aws {
namespace {

class StaticCredentials : public CredentialsProvider {
 public:
  explicit StaticCredentials(Credentials credentials)
      : credentials_(std::make_shared<const Credentials>(std::move(credentials))) {}
  Result<CredentialsPtr> Get(std::stop_token) override { return credentials_; }
  void Refuse(const CredentialsPtr&) override {}

 private:
  CredentialsPtr credentials_;
};

}  // namespace

std::unique_ptr<CredentialsProvider> MakeStaticCredentials(Credentials credentials) {
  return std::make_unique<StaticCredentials>(std::move(credentials));
}

}  // namespace seshat::aws
