-- CreateTable
CREATE TABLE "uploads" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "media_type" TEXT NOT NULL,
    "bytes" INTEGER NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "uploads_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "uploads_size_check" CHECK ("bytes" > 0 AND "width" > 0 AND "height" > 0),
    CONSTRAINT "uploads_kept_check" CHECK ("expires_at" > "created_at")
);

-- CreateTable
CREATE TABLE "upload_uses" (
    "prediction_id" UUID NOT NULL,
    "upload_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "used_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "upload_uses_pkey" PRIMARY KEY ("prediction_id","upload_id")
);

-- CreateTable
CREATE TABLE "upload_days" (
    "user_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "uploaded" INTEGER NOT NULL,

    CONSTRAINT "upload_days_pkey" PRIMARY KEY ("user_id","day")
);

-- CreateIndex
CREATE INDEX "uploads_user_id_id_idx" ON "uploads"("user_id", "id");

-- CreateIndex
CREATE INDEX "uploads_expires_at_idx" ON "uploads"("expires_at");

-- CreateIndex
CREATE INDEX "upload_uses_upload_id_prediction_id_idx" ON "upload_uses"("upload_id", "prediction_id");

-- CreateIndex
CREATE INDEX "upload_uses_user_id_idx" ON "upload_uses"("user_id");

-- CreateIndex
CREATE INDEX "upload_uses_used_at_idx" ON "upload_uses"("used_at");

-- AddForeignKey
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "upload_days" ADD CONSTRAINT "upload_days_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
